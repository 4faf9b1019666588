"""The description of `export`."""

from __future__ import annotations

from typing import Final

from config.vocabulary import VARIABLE_ID
from services.processes.describing import (
    COLLECTION,
    PERIOD_OF_TIMES,
    REGION,
    TEXT,
    DescribedInput,
    DescribedOutput,
    choice,
    describe,
)

FORMATS: Final = ("netcdf", "geotiff", "csv", "zarr")
TEXTS: Final = describe(
    "export",
    ("Export", "导出"),
    (
        "A collection, or a part of it, as files of a job: for what is larger than one coverage answer may be.",
        "把数据集或其一部分导出为作业文件：用于超出单次覆盖应答限制的数据。",
    ),
    inputs={
        "collection": DescribedInput(
            title=("Collection", "数据集"), text=("Its id.", "数据集标识。"), schema=COLLECTION, needed=True
        ),
        "variables": DescribedInput(
            title=("Variables", "变量"),
            text=("On one grid; absent: the first.", "须同格网；缺省为第一个变量。"),
            schema={
                "type": "array",
                "items": {"type": "string", "pattern": f"^{VARIABLE_ID}$"},
                "minItems": 1,
                "maxItems": 100,
            },
        ),
        "datetime": PERIOD_OF_TIMES,
        "member": DescribedInput(
            title=("Member of an ensemble", "集合成员"), text=("Absent: the first.", "缺省为第一个。"), schema=TEXT
        ),
        "level": DescribedInput(title=("Level", "层次"), text=("Absent: all levels.", "缺省为全部层次。"), schema=TEXT),
        "bbox": REGION,
        "format": DescribedInput(
            title=("Format", "格式"),
            text=(
                "netcdf (the default): one file; geotiff: one a time, without levels; csv; zarr: version 2, zipped.",
                "netcdf（缺省）：一个文件；geotiff：每时次一个，无层次；csv；zarr：第 2 版，zip 压缩包。",
            ),
            schema=choice(*FORMATS),
        ),
    },
    outputs={
        "files": DescribedOutput(
            title=("Files", "文件"),
            text=("Links with bytes and checksums.", "链接、字节数与校验和。"),
            schema={"type": "object"},
        ),
        "summary": DescribedOutput(
            title=("Summary", "概要"),
            text=("Cells, the size that was estimated and the size that came out.", "格元数、估计大小与实际大小。"),
            schema={"type": "object"},
        ),
    },
    keywords=("export", "download", "导出", "下载"),
)
