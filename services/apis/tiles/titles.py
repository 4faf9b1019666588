"""Titles of the links to tiles."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "matrix_sets": {"en": "Tile matrix sets", "zh": "瓦片矩阵集"},
        "dataset_tiles": {"en": "Map tiles of collections together", "zh": "多个数据集合并的地图瓦片"},
        "its_tiles": {"en": "Its map tiles", "zh": "地图瓦片"},
        "tiles": {"en": "Tiles of {name}", "zh": "{name} 的瓦片"},
        "tiles_as": {"en": "Tiles as {format}", "zh": "{format} 格式的瓦片"},
    }
)
