"""The words that the scripts of a dataset's page say, in every language."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

EXPLORER_WORDS: Final = Messages(
    {
        "tools": {"en": "Map tools", "zh": "地图工具"},
        "timeline": {"en": "Time", "zh": "时间"},
        "time": {"en": "Time", "zh": "时间"},
        "play": {"en": "Play", "zh": "播放"},
        "pause": {"en": "Pause", "zh": "暂停"},
        "speed": {"en": "Speed", "zh": "速度"},
        "step": {"en": "Step", "zh": "步长"},
        "step_step": {"en": "each time", "zh": "逐个时次"},
        "step_day": {"en": "a day", "zh": "一天"},
        "step_month": {"en": "a month", "zh": "一个月"},
        "step_year": {"en": "a year", "zh": "一年"},
        "look": {"en": "Colours", "zh": "配色"},
        "opacity": {"en": "Opacity", "zh": "不透明度"},
        "colormap": {"en": "Colour map", "zh": "色带"},
        "range_from": {"en": "From", "zh": "从"},
        "range_to": {"en": "To", "zh": "到"},
        "range_order": {"en": "The second value must be above the first.", "zh": "第二个值须大于第一个值。"},
        "range_percentiles": {"en": "2–98 %", "zh": "2–98 %"},
        "range_all": {"en": "All values", "zh": "全部取值"},
        "range_symmetric": {"en": "About zero", "zh": "以零对称"},
        "reset": {"en": "Reset", "zh": "还原"},
        "legend": {"en": "Legend", "zh": "图例"},
        "asking": {"en": "Asking…", "zh": "正在查询…"},
        "no_data": {"en": "no data here", "zh": "此处无数据"},
        "profile": {"en": "profile", "zh": "垂直剖面"},
        "request": {"en": "This as CSV", "zh": "以 CSV 打开"},
        "copy_url": {"en": "Copy URL", "zh": "复制网址"},
        "close": {"en": "Close", "zh": "关闭"},
        "draw_box": {"en": "Statistics of a box", "zh": "框选统计"},
        "box_statistics": {"en": "This as JSON", "zh": "以 JSON 打开"},
        "compare": {"en": "Compare with another time", "zh": "与另一时次比较"},
        "left": {"en": "Left", "zh": "左侧"},
        "save_picture": {"en": "Save picture", "zh": "保存图片"},
        "share": {"en": "Copy link to this view", "zh": "复制当前视图链接"},
        "as_table": {"en": "As a table", "zh": "以表格显示"},
        "count": {"en": "Cells with data", "zh": "有效像元数"},
        "minimum": {"en": "Minimum", "zh": "最小值"},
        "maximum": {"en": "Maximum", "zh": "最大值"},
        "mean": {"en": "Mean", "zh": "平均值"},
        "stddev": {"en": "Standard deviation", "zh": "标准差"},
        "median": {"en": "Median", "zh": "中位数"},
        "sum": {"en": "Sum", "zh": "总和"},
        "download_size": {"en": "about {size} before compression", "zh": "压缩前约 {size}"},
        "download_cells": {"en": "{cells} cells, the limit is {limit}", "zh": "{cells} 个像元，上限为 {limit}"},
        "use_view": {"en": "Take the box from the map", "zh": "取当前地图范围"},
    }
)

MAP_WORDS: Final = Messages(
    {
        "AttributionControl.ToggleAttribution": {"en": "Toggle attribution", "zh": "显示或隐藏来源"},
        "CooperativeGesturesHandler.MacHelpText": {
            "en": "Use ⌘ + scroll to zoom the map",
            "zh": "按住 ⌘ 并滚动以缩放地图",
        },
        "CooperativeGesturesHandler.MobileHelpText": {"en": "Use two fingers to move the map", "zh": "用两指移动地图"},
        "CooperativeGesturesHandler.WindowsHelpText": {
            "en": "Use Ctrl + scroll to zoom the map",
            "zh": "按住 Ctrl 并滚动以缩放地图",
        },
        "FullscreenControl.Enter": {"en": "Enter full screen", "zh": "全屏显示"},
        "FullscreenControl.Exit": {"en": "Exit full screen", "zh": "退出全屏"},
        "GlobeControl.Disable": {"en": "Show a flat map", "zh": "显示平面地图"},
        "GlobeControl.Enable": {"en": "Show a globe", "zh": "显示地球仪"},
        "Map.Title": {"en": "Interactive map", "zh": "交互地图"},
        "Marker.Title": {"en": "The place that is asked about", "zh": "所查询的位置"},
        "NavigationControl.ResetBearing": {
            "en": "Drag to turn the map, click to turn it north",
            "zh": "拖动旋转地图，点击恢复正北",
        },
        "NavigationControl.ZoomIn": {"en": "Zoom in", "zh": "放大"},
        "NavigationControl.ZoomOut": {"en": "Zoom out", "zh": "缩小"},
        "ScaleControl.Feet": {"en": "ft", "zh": "英尺"},
        "ScaleControl.Kilometers": {"en": "km", "zh": "公里"},
        "ScaleControl.Meters": {"en": "m", "zh": "米"},
        "ScaleControl.Miles": {"en": "mi", "zh": "英里"},
        "ScaleControl.NauticalMiles": {"en": "nm", "zh": "海里"},
    }
)
"""The words of MapLibre's own controls, by its keys."""


def script_words(language: str) -> dict[str, object]:
    """Every word of the scripts in a language; those of the map under `map`."""
    spoken = {key: texts.get(language, texts["en"]) for key, texts in EXPLORER_WORDS.texts.items()}
    controls = {key: texts.get(language, texts["en"]) for key, texts in MAP_WORDS.texts.items()}
    return {**spoken, "map": controls}
