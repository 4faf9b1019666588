"""The description of `spatial-join`."""

from __future__ import annotations

from typing import Any, Final

from config.vocabulary import CSV, GEOJSON, JSON, PARQUET
from services.processes.describing import (
    DATETIME,
    FIELD,
    TEXT,
    TRUTH,
    DescribedInput,
    DescribedOutput,
    choice,
    describe,
)

GEOPARQUET: Final = PARQUET
ENGINES: Final = ("auto", "postgis", "local", "cluster", "sedonadb", "sedona")
PREDICATES: Final = ("intersects", "within", "contains", "crosses", "touches", "overlaps", "dwithin")
_SIDE: Final[dict[str, Any]] = {"type": "object", "contentMediaType": GEOJSON, "x-job-files": True}
_PROPERTIES: Final = {"type": "array", "items": TEXT, "maxItems": 100}
_SIDE_WORDS: Final = (
    (
        "GeoJSON, inline or as {href} of items or results of this server; {href} of a GeoParquet file of a job; "
        "{geoparquet} or {flatgeobuf}: such a file in base64; {file}: a file, or a folder of GeoParquet files, of "
        "the operator's folder; {collection}: the outlines of the items of a collection, or of all records (records)."
    ),
    (
        "GeoJSON，直接给出或引用本服务器的要素或结果 {href}；作业所产 GeoParquet 文件的 {href}；{geoparquet} 或 "
        "{flatgeobuf}：以 base64 给出的文件；{file}：运维目录中的文件或 GeoParquet 文件夹；"
        "{collection}：数据集各项的范围，或全部元数据记录 (records) 的范围。"
    ),
)
TEXTS: Final = describe(
    "spatial-join",
    ("Spatial join", "空间连接"),
    (
        (
            "Joins two sets of features by place, exactly and in a bounded memory, spread over the cluster by leaves "
            "of equal count; or samples a collection at features."
        ),
        "按空间关系精确连接两组要素：以等量 KD 叶分到集群各处，内存有界；或在要素处对数据集取样。",
    ),
    inputs={
        "left": DescribedInput(title=("Left", "左侧"), text=_SIDE_WORDS, schema=_SIDE, needed=True),
        "right": DescribedInput(
            title=("Right", "右侧"),
            text=("As left; or give sample.", "同 left；或改用 sample。"),
            schema=_SIDE,
        ),
        "sample": DescribedInput(
            title=("Sample", "取样"),
            text=(
                (
                    "Instead of right: a variable whose value is taken at each point, or at a place inside each line "
                    "or polygon, at the times of datetime."
                ),
                "代替 right：取该变量在各点处（线、面取其内一点）、在 datetime 各时次的值。",
            ),
            schema=FIELD,
        ),
        "datetime": DATETIME,
        "predicate": DescribedInput(
            title=("Predicate", "空间关系"),
            text=(
                "What the left geometry does to the right one; absent: intersects. dwithin needs distance_m.",
                "左几何对右几何的关系；缺省为 intersects 相交。dwithin 需给出 distance_m。",
            ),
            schema=choice(*PREDICATES),
        ),
        "distance_m": DescribedInput(
            title=("Distance", "距离"),
            text=(
                "Of dwithin, in metres: geodesic where coordinates are degrees, else in the plane of the CRS.",
                "dwithin 的距离（米）：经纬度坐标按大地线，其余按坐标参考系平面。",
            ),
            schema={"type": "number", "minimum": 0, "maximum": 1_000_000},
        ),
        "how": DescribedInput(
            title=("How", "方式"),
            text=(
                "inner (the default): pairs; left: also left features without any; count: left features with a number.",
                "inner（缺省）：配对；left：另含无配对的左要素；count：各左要素的配对数。",
            ),
            schema=choice("inner", "left", "count"),
        ),
        "left_properties": DescribedInput(
            title=("Properties of the left", "左侧属性"),
            text=("Names of those that the answer keeps; absent: none.", "结果保留的属性名；缺省不保留。"),
            schema=_PROPERTIES,
        ),
        "right_properties": DescribedInput(
            title=("Properties of the right", "右侧属性"),
            text=("Names of those that the answer keeps; absent: none.", "结果保留的属性名；缺省不保留。"),
            schema=_PROPERTIES,
        ),
        "attributes_only": DescribedInput(
            title=("Attributes only", "仅属性"),
            text=(
                "true: rows without the geometry of the left feature.",
                "true：结果不含左要素的几何。",
            ),
            schema=TRUTH,
        ),
        "repair": DescribedInput(
            title=("Repair", "修复"),
            text=(
                "true makes invalid polygons valid; else they are refused with their number.",
                "true：把无效多边形修复；否则拒绝并指出其序号。",
            ),
            schema=TRUTH,
        ),
        "engine": DescribedInput(
            title=("Engine", "引擎"),
            text=(
                (
                    "auto (the default); postgis: in the catalogue's database, up to 100,000 features; local: in one "
                    "process; cluster: on all workers; sedonadb, sedona: where they are installed."
                ),
                (
                    "auto（缺省）；postgis：在目录数据库内，至多 10 万要素；local：单进程；cluster：全部工作进程；"
                    "sedonadb、sedona：安装后可用。"
                ),
            ),
            schema=choice(*ENGINES),
        ),
    },
    outputs={
        "pairs": DescribedOutput(
            title=("Pairs", "配对"),
            text=(
                "JSON: links to GeoParquet files with their numbers of rows; or CSV or GeoJSON of few rows.",
                "GeoParquet 文件的链接及行数；结果少时可为 CSV 或 GeoJSON。",
            ),
            schema={
                "oneOf": [
                    {"type": "object", "contentMediaType": JSON},
                    {"type": "string", "contentMediaType": CSV},
                    {"type": "object", "contentMediaType": GEOJSON},
                ]
            },
        ),
        "summary": DescribedOutput(
            title=("Summary", "概要"),
            text=(
                "Numbers of left and right features, of pairs, and of left features without any; engine and seconds.",
                "左右要素数、配对数、无配对的左要素数；引擎与用时。",
            ),
            schema={"type": "object"},
        ),
    },
    keywords=("vector", "join", "空间连接"),
)
