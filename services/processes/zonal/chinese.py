"""The description of `zonal-statistics` in Chinese."""

from __future__ import annotations

from typing import Final

CHINESE: Final[dict[str, tuple[str, str]]] = {
    "": (
        "分区统计",
        "一个或多个时次上，数据集在多边形内的统计：以物理单位给出，每个格元按多边形覆盖它的比例、或按所覆盖部分的面积加权。",
    ),
    "inputs/collection": ("数据集", "数据集的标识。"),
    "inputs/polygons": (
        "多边形",
        (
            "GeoJSON 的 FeatureCollection、Feature、Polygon 或 MultiPolygon，直接给出，或以 {href} 引用本服务器的 "
            "GeoJSON 资源。在任何坐标参考系中坐标都是 x, y（经度在前）。"
        ),
    ),
    "inputs/variable": ("变量", "变量的标识；缺省为数据集的第一个变量。"),
    "inputs/datetime": ("时间", "一个时次、一个区间 start/end，或由它们组成的列表；缺省为最新时次。"),
    "inputs/level": ("层", "变量垂直轴上的一个标签；缺省为第一层。"),
    "inputs/member": ("集合成员", "集合的一个成员；缺省为第一个。"),
    "inputs/part": ("分幅", "一个时次中的一幅；缺省为全部，同一格元以先有数据的一幅为准。"),
    "inputs/crs": (
        "多边形的坐标参考系",
        "OGC URI、EPSG:<代码> 或 WKT；缺省为多边形的 crs 成员，否则为 CRS84。",
    ),
    "inputs/repair": ("修复", "修复无效的多边形；缺省或 false 时予以拒绝。"),
    "inputs/statistics": (
        "统计量",
        (
            "count：有数据格元的权重（按覆盖比例计的格元数，或平方米）。cells：多边形全部或部分覆盖的有数据格元数。mean：加权平均。"
            "min：最小值。max：最大值。sum：值与权重乘积之和。stdev：加权（总体）标准差。median：加权的 0.5 分位数。"
            "quantiles：加权分位数，在值之间插值；quantile_5 为 0.05 分位数。majority：权重最大的值，相等时取较大者。"
            "fractions：各值或类别占有数据格元权重的比例。"
            "histogram：从最小值到最大值的 32 个等宽区间各的权重比例，为 {low, high, fraction}，不在表格中。"
            "valid_fraction：有数据格元占多边形所覆盖格网权重的比例。"
        ),
    ),
    "inputs/quantiles": ("分位数", "0 到 1 之间的分位数；要求分位数而未给出时为 0.05、0.25、0.75 和 0.95。"),
    "inputs/weights": (
        "权重",
        "coverage：格元被覆盖的比例。area：被覆盖部分在 WGS 84 椭球面上的面积（平方米），用于经纬度格网。",
    ),
    "inputs/properties": ("属性", "保留多边形的哪些属性；缺省为全部。"),
    "inputs/layout": (
        "排列",
        "long：每个多边形和时次一行或一个要素；wide：每个多边形一个，统计量的名称带有时次。",
    ),
    "inputs/prefix": ("前缀", "GeoJSON 和 CSV 中统计量名称的前缀；缺省为变量名加下划线。"),
    "outputs/statistics": ("统计结果", "带有统计量的多边形：按 mediaType 为 GeoJSON、普通 JSON 或 CSV。"),
}
