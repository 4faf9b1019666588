"""Titles of the links to a Zarr store."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "zarr": {"en": "Zarr v3 store: xarray.open_zarr opens it", "zh": "Zarr v3 存储：可用 xarray.open_zarr 打开"},
        "references": {
            "en": "References to the blocks of the files, for kerchunk",
            "zh": "指向文件数据块的引用（kerchunk 格式）",
        },
    }
)
