"""Titles of the links to styles and legends."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "legend": {"en": "Legend as {format}", "zh": "{format} 格式的图例"},
        "qml": {"en": "Style for QGIS (QML)", "zh": "QGIS 样式（QML）"},
        "sld": {"en": "Style as SLD 1.0", "zh": "SLD 1.0 样式"},
        "sld11": {"en": "Style as SLD 1.1", "zh": "SLD 1.1 样式"},
        "maplibre": {"en": "Style for MapLibre", "zh": "MapLibre 样式"},
        "metadata": {"en": "Metadata of the style", "zh": "样式元数据"},
        "all_styles": {"en": "Styles of all data", "zh": "全部数据的样式"},
        "styles": {"en": "Styles", "zh": "样式"},
    }
)
