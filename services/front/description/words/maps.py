"""The API description in Chinese: the texts of OGC API Maps and Tiles."""

from __future__ import annotations

from typing import Final

MAPS: Final = {
    "A page with a map of several layers": "多图层地图页面",
    "The page; as JSON, how its address names layers.": "该页面；以 JSON 给出时，说明其网址如何指定图层。",
    "The collection drawn, one variable at one time, in the CRS of the data unless `crs` names another.": (
        "绘制的数据集：一个变量在一个时次的图，默认采用数据的坐标参考系，除非 `crs` 另有指定。"
    ),
    "nearest, bilinear, cubic, average or mode.": "nearest、bilinear、cubic、average 或 mode。",
    "png, jpeg or webp; absent: by Accept, else png.": "png、jpeg 或 webp；缺省时依 Accept 头，否则为 png。",
    "west,south,east,north as bbox-crs says.": "west,south,east,north，如 bbox-crs 所述。",
    "Lat(a:b),Lon(c:d), E and N, time, level, member.": "Lat(a:b),Lon(c:d)、E 和 N、time、level、member。",
    "The middle of the map, as center-crs says.": "地图的中心，如 center-crs 所述。",
    "CRS of the map; absent: that of the data.": "地图的坐标参考系；缺省时与数据相同。",
    "Scale, in pixels of 0.28 mm.": "比例尺，按 0.28 mm 的像素计。",
    "Whether pixels without data are transparent; absent: unless bgcolor is given.": (
        "没有数据的像素是否透明；缺省时透明，除非给出 bgcolor。"
    ),
    "Colour of pixels without data: RRGGBB, 0xRRGGBB or a CSS name.": (
        "没有数据的像素的颜色：RRGGBB、0xRRGGBB 或 CSS 颜色名。"
    ),
    "The map.": "地图。",
    "The collection drawn in a named style.": "以指定样式绘制的数据集。",
    "TileJSON of a collection's tiles; rendering parameters are carried to the tiles.": (
        "数据集瓦片的 TileJSON；绘制参数会带入瓦片网址。"
    ),
    "Identifier of a tile matrix set.": "瓦片矩阵集的标识符。",
    "Edge of the tile in pixels; absent: 256.": "瓦片的边长（像素）；缺省时为 256。",
    "TileJSON of a collection's tiles in a named style.": "数据集以指定样式绘制的瓦片的 TileJSON。",
    "TileJSON of the query-free tiles; style, time and layer stand in the path of the tiles.": (
        "无需查询参数的瓦片的 TileJSON；样式、时间和图层写在瓦片路径中。"
    ),
    "A tile matrix set; absent: WebMercatorQuad, as map libraries expect.": (
        "瓦片矩阵集；缺省时为 WebMercatorQuad，即地图库所默认者。"
    ),
    "TileJSON of a style and a time, whose tiles lie beside it; `default` and `latest` are words.": (
        "某一样式和时间的 TileJSON，瓦片与其相邻；可用 `default` 和 `latest`。"
    ),
    "TileJSON of a style, a time and a level, perhaps with `@` and a member, whose tiles lie beside it.": (
        "某一样式、时间和层次（后可加 `@` 和成员）的 TileJSON，瓦片与其相邻。"
    ),
    "The tile matrix sets in which tiles are served.": "提供瓦片所用的瓦片矩阵集。",
    "A tile matrix set.": "一个瓦片矩阵集。",
    "The tilesets of a collection.": "数据集的瓦片集。",
    "The tilesets of a collection in a named style.": "数据集以指定样式绘制的瓦片集。",
    "A tileset of a collection.": "数据集的一个瓦片集。",
    "A tileset of a collection in a named style.": "数据集以指定样式绘制的一个瓦片集。",
    "A map tile (OGC 20-057, 8): rows count down, columns east, both from the north-west corner.": (
        "地图瓦片（OGC 20-057，8）：行自西北角向下、列向东计数。"
    ),
    "A whole number.": "整数。",
    "png, webp, jpg, npy or tif, or a media type; absent: by Accept, else png.": (
        "png、webp、jpg、npy 或 tif，或媒体类型；缺省时依 Accept 头，否则为 png。"
    ),
    "A map tile in a named style.": "以指定样式绘制的地图瓦片。",
    "A tile, of Web Mercator unless another set is named: without a query, of the latest time in the default style.": (
        "一幅瓦片，除非指定其他矩阵集，均为 Web 墨卡托：不带查询参数时，为最近时次的默认样式。"
    ),
    "A tile of a style and a time; `default` and `latest` are words.": (
        "某一样式和时间的瓦片；可用 `default` 和 `latest`。"
    ),
    "A tile of a style, a time and a level, perhaps with `@` and a member; `@3` alone is a member.": (
        "某一样式、时间和层次（后可加 `@` 和成员）的瓦片；只写 `@3` 表示成员。"
    ),
    "The tilesets of several collections together; without `collections`, of the first of the catalogue.": (
        "多个数据集叠合的瓦片集；不带 `collections` 时，为目录中最前的若干数据集。"
    ),
    "Ids with commas, the lowest first, 12 at most.": "以逗号分隔的标识符，最下层在前，至多 12 个。",
    "A time; absent: each one's latest.": "时间；缺省时各取其最近时次。",
    "A tileset of several collections together.": "多个数据集叠合的一个瓦片集。",
    "A tile of several collections over one another, each in its default style; what has no data there shows none.": (
        "多个数据集叠合的一幅瓦片，各用其默认样式；在该处没有数据者不显示。"
    ),
}
