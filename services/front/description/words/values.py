"""The API description in Chinese: the texts of values at points and in areas, EDR and named regions."""

from __future__ import annotations

from typing import Final

VALUES: Final = {
    "Get the value at a point.": "取一点处的值。",
    "Get the statistics of a sample of the cells.": "取像元样本的统计量。",
    "Longest edge of the sample, pixels.": "样本的最长边（像素）。",
    "The physical values of the cells that hold the points; null where there are no data.": (
        "各点所在像元的物理值；没有数据处为 null。"
    ),
    "POINT(x y) or MULTIPOINT((x y),(x y)) as WKT, in the axis order of crs.": (
        "WKT 形式的 POINT(x y) 或 MULTIPOINT((x y),(x y))，按 crs 的轴序。"
    ),
    "A time, or an interval for a series; absent: the latest.": "时间，或取序列用的时段；缺省时为最近时次。",
    "Variables by id, joined by commas; absent: the first.": "变量的标识符，以逗号分隔；缺省时为第一个。",
    "The same, as EDR calls it.": "同上，EDR 的写法。",
    "The level, as EDR calls it.": "层次，EDR 的写法。",
    "CRS of coords; absent: CRS84.": "coords 的坐标参考系；缺省时为 CRS84。",
    "CoverageJSON, GeoJSON or csv; absent: by Accept.": "CoverageJSON、GeoJSON 或 csv；缺省时依 Accept 头。",
    "The values.": "数值。",
    (
        "Count, minimum, maximum, mean, standard deviation and sum of every cell that the box meets, in physical "
        "units. Of up to 4,000,000 values also the median and other percentiles. Each cell counts alike, whatever its "
        "area. Classes are counted by their code, and have nothing else."
    ): (
        "矩形触及的全部像元的个数、最小值、最大值、平均值、标准差和总和，以物理单位计。至多 4,000,000 个值时还给出中位"
        "数和其他百分位数。各像元无论面积大小均同等计数。类别按代码计数，别无其他统计量。"
    ),
    "Absent: all of the data.": "缺省时为全部数据。",
    "A time, or an interval for each of its times.": "时间，或取其中各时次的时段。",
    "The named regions": "具名区域",
    "Id, kind, name and box (west, south, east, north in degrees) of each region, without its outline.": (
        "各区域的标识符、类别、名称和外接矩形（以度为单位的 west, south, east, north），不含边界。"
    ),
    "country, province, sea or basin; absent: all.": (
        "country（国家）、province（省）、sea（海）或 basin（洋盆）；缺省时为全部。"
    ),
    "Most regions of a page.": "每页区域的最大个数。",
    "Regions before the page.": "本页之前的区域个数。",
    "One named region": "一个具名区域",
    "The outline of a region as a GeoJSON feature in CRS84.": "区域的边界，以 CRS84 的 GeoJSON 要素给出。",
    "Id of a region.": "区域的标识符。",
    "The values of the cells that hold a POINT, or the points of a MULTIPOINT, at every time.": (
        "POINT 或 MULTIPOINT 各点所在像元在每个时次的值。"
    ),
    "WKT, x before y, in the CRS of crs.": "WKT，x 在 y 之前，属于 crs。",
    "Variables by id, joined by commas; absent: all.": "变量的标识符，以逗号分隔；缺省时为全部。",
    "The same, as OWSLib writes it.": "同上，OWSLib 的写法。",
    "A time, a reduced date or an interval; absent: every time.": "时间、简写日期或时段；缺省时为每个时次。",
    "CRS of coords and bbox, x before y; absent: CRS84.": "coords 和 bbox 的坐标参考系，x 在 y 之前；缺省时为 CRS84。",
    "mean, min, max, std, count, joined by commas.": "mean、min、max、std、count，以逗号分隔。",
    "time or area; absent: area where there is one.": "time 或 area；缺省时，有面积则为 area。",
    "CoverageJSON, GeoJSON, CSV or NetCDF; absent: by Accept.": (
        "CoverageJSON、GeoJSON、CSV 或 NetCDF；缺省时依 Accept 头。"
    ),
    "The values of the cells whose centre lies within a distance of a POINT, and of the one that holds it.": (
        "中心在 POINT 某一距离之内的像元，以及该点所在像元的值。"
    ),
    "The distance from the point.": "到该点的距离。",
    "m, km, mi, nm or ft.": "m、km、mi、nm 或 ft。",
    "The cells that a POLYGON or MULTIPOLYGON covers; with statistics, those over its area at every time.": (
        "POLYGON 或 MULTIPOLYGON 覆盖的像元；指定统计量时，为其范围内每个时次的统计量。"
    ),
    "Every cell that a box meets, at every time and level.": "矩形触及的全部像元，含每个时次和层次。",
    "west,south,east,north, or with heights, in the CRS of crs.": "west,south,east,north，可加高度，属于 crs。",
    "The cells that a LINESTRING crosses; of LINESTRINGM, with M in seconds since 1970, each at its time.": (
        "LINESTRING 穿过的像元；LINESTRINGM 中 M 为 1970 年以来的秒数，各取其时次。"
    ),
    "The cells whose centre lies within half a width of a LINESTRING, and those that it crosses.": (
        "中心在 LINESTRING 半宽之内的像元，以及它穿过的像元。"
    ),
    "The whole width.": "全宽。",
    "Levels within half of it around z.": "z 上下半宽之内的层次。",
    "Unit of it.": "其单位。",
    "Means over a named region at every time, or other statistics.": "具名区域内每个时次的平均值，或其他统计量。",
    "EDR: the landing page": "EDR：首页",
    "The links of the EDR service.": "EDR 服务的链接。",
    "EDR: conformance classes": "EDR：一致性类",
    "The classes of OGC API EDR 1.0 and 1.1 that the service conforms to.": (
        "本服务遵循的 OGC API EDR 1.0 和 1.1 的一致性类。"
    ),
    "EDR: the collections with data": "EDR：有数据的集合",
    "The collections whose data the client may read.": "客户端可读取其数据的数据集。",
    "Most entries of a page.": "每页条目的最大个数。",
    "Entries before the page.": "本页之前的条目个数。",
    "EDR: one collection": "EDR：一个集合",
    "Extent, times, parameters and queries of a collection.": "一个数据集的范围、时间、参数和查询方式。",
    "EDR: the times of the data": "EDR：数据的时次",
    "The times of a collection as features.": "以要素给出的数据集各时次。",
    "EDR: one time": "EDR：一个时次",
    "A time of a collection as a feature.": "以要素给出的数据集的一个时次。",
    "Id of an item.": "条目的标识符。",
    "EDR: the named regions": "EDR：具名区域",
    "The regions over which `/locations/{locationId}` answers means, as features.": (
        "以要素给出的区域，`/locations/{locationId}` 在其上给出平均值。"
    ),
}
