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
        "range_view": {"en": "What is shown", "zh": "当前视图"},
        "range_positive": {"en": "A logarithm needs a range above zero.", "zh": "对数需要大于零的范围。"},
        "scale": {"en": "Scale", "zh": "刻度"},
        "scale_linear": {"en": "linear", "zh": "线性"},
        "scale_log": {"en": "logarithmic", "zh": "对数"},
        "save": {"en": "Save", "zh": "保存"},
        "save_style": {"en": "Save as a style", "zh": "另存为样式"},
        "style_name": {"en": "Name in URLs", "zh": "网址中的名称"},
        "style_title": {"en": "Title", "zh": "标题"},
        "style_name_hint": {
            "en": "The name has small letters, digits and hyphens only. Saving needs a token with "
            "the scope datasets:style, which the operator makes.",
            "zh": "名称只含小写字母、数字和连字符。保存需要权限为 datasets:style 的令牌，由管理员创建。",
        },
        "style_saved": {"en": "Saved:", "zh": "已保存："},
        "token": {"en": "Token", "zh": "令牌"},
        "range_symmetric": {"en": "About zero", "zh": "以零对称"},
        "reset": {"en": "Reset", "zh": "还原"},
        "legend": {"en": "Legend", "zh": "图例"},
        "asking": {"en": "Asking…", "zh": "正在查询…"},
        "no_data": {"en": "no data here", "zh": "此处无数据"},
        "profile": {"en": "profile", "zh": "垂直剖面"},
        "request": {"en": "This as CSV", "zh": "以 CSV 打开"},
        "copy_url": {"en": "Copy URL", "zh": "复制网址"},
        "close": {"en": "Close", "zh": "关闭"},
        "show": {"en": "Show", "zh": "显示"},
        "region": {"en": "Region", "zh": "区域统计"},
        "region_named": {"en": "By name", "zh": "按名称"},
        "choose": {"en": "Choose…", "zh": "请选择…"},
        "kind_province": {"en": "Provinces of China", "zh": "中国省级行政区"},
        "kind_country": {"en": "Countries", "zh": "国家和地区"},
        "kind_sea": {"en": "Seas", "zh": "海域"},
        "kind_basin": {"en": "Ocean basins", "zh": "大洋"},
        "draw_box": {"en": "Draw a box", "zh": "画矩形"},
        "draw_polygon": {"en": "Draw a polygon", "zh": "画多边形"},
        "region_file": {
            "en": "From a file (GeoJSON, KML, zipped shapefile)",
            "zh": "上传文件（GeoJSON、KML、压缩的 Shapefile）",
        },
        "region_typed": {"en": "By corners", "zh": "按坐标"},
        "region_typed_hint": {
            "en": "west,south,east,north, or longitude and latitude of each corner",
            "zh": "西,南,东,北；或依次给出各顶点的经度、纬度",
        },
        "region_typed_wrong": {
            "en": "Give four numbers with south below north, or three or more corners in degrees.",
            "zh": "请给出四个数（南小于北），或三个以上以度为单位的顶点。",
        },
        "own_polygon": {"en": "own polygon", "zh": "自定多边形"},
        "hint_box": {"en": "Drag across the map.", "zh": "在地图上拖出矩形。"},
        "hint_polygon": {
            "en": "Click each corner; a double click ends. By keyboard: move the map with arrows, add its middle.",
            "zh": "依次点击各顶点，双击结束。用键盘时：以方向键移动地图，再添加地图中心。",
        },
        "add_center": {"en": "Add the middle of the map", "zh": "添加地图中心"},
        "undo": {"en": "Undo", "zh": "撤销"},
        "finish": {"en": "Finish", "zh": "完成"},
        "cancel": {"en": "Cancel", "zh": "取消"},
        "file_too_large": {
            "en": "The file is too large: at most 10 MB, 30 MB unpacked and 100,000 corners. Simplify it.",
            "zh": "文件过大：至多 10 MB、解压后 30 MB、10 万个顶点。请先简化，或使用接口。",
        },
        "file_unreadable": {
            "en": "The file cannot be read as GeoJSON, KML or a zipped shapefile.",
            "zh": "无法将该文件读作 GeoJSON、KML 或压缩的 Shapefile。",
        },
        "file_no_polygons": {"en": "There are no polygons in the file.", "zh": "文件中没有多边形。"},
        "file_projected": {
            "en": "The file is not in degrees. Convert it first: ogr2ogr -t_srs EPSG:4326 new.geojson old.shp",
            "zh": "文件坐标不是经纬度。请先转换：ogr2ogr -t_srs EPSG:4326 new.geojson old.shp",
        },
        "region_large": {
            "en": "The region is too large to be answered at once; start it as a job.",
            "zh": "区域过大，无法立即统计；请作为后台任务运行。",
        },
        "region_no_data": {"en": "no data in this region", "zh": "该区域无数据"},
        "mean_over_time": {"en": "Mean over time", "zh": "区域平均随时间变化"},
        "series_large": {
            "en": "The series is too large to be drawn at once; start it as a job.",
            "zh": "时间序列过大，无法立即绘制；请作为后台任务运行。",
        },
        "series_job": {"en": "Compute the series as a job", "zh": "以后台任务计算时间序列"},
        "statistics_job": {"en": "All statistics at all times, as a job", "zh": "以后台任务计算全部时次的统计"},
        "job_link": {"en": "The job has begun: look at it", "zh": "任务已开始：查看"},
        "series_csv": {"en": "Series as CSV", "zh": "时间序列 CSV"},
        "histogram": {"en": "Histogram by area", "zh": "按面积的直方图"},
        "most_frequent": {"en": "most often", "zh": "最多的是"},
        "class_share": {"en": "Share of each class", "zh": "各类别比例"},
        "area_with_data": {"en": "Area with data", "zh": "有数据的面积"},
        "valid_fraction": {"en": "Share with data", "zh": "有数据的比例"},
        "quantile_5": {"en": "5 % quantile", "zh": "5 % 分位数"},
        "quantile_25": {"en": "25 % quantile", "zh": "25 % 分位数"},
        "quantile_75": {"en": "75 % quantile", "zh": "75 % 分位数"},
        "quantile_95": {"en": "95 % quantile", "zh": "95 % 分位数"},
        "min": {"en": "Minimum", "zh": "最小值"},
        "max": {"en": "Maximum", "zh": "最大值"},
        "stdev": {"en": "Standard deviation", "zh": "标准差"},
        "compare": {"en": "Compare", "zh": "对比"},
        "compare_with": {"en": "With", "zh": "对比对象"},
        "compare_mode": {"en": "How to compare", "zh": "对比方式"},
        "another_time": {"en": "another time of this dataset", "zh": "本数据集的另一时次"},
        "another_dataset": {"en": "Another dataset", "zh": "另一数据集"},
        "variable": {"en": "Variable", "zh": "变量"},
        "level": {"en": "Level", "zh": "层"},
        "mode_swipe": {"en": "at a bar", "zh": "卷帘"},
        "mode_side": {"en": "side by side", "zh": "并排"},
        "mode_difference": {"en": "Difference", "zh": "差值"},
        "bar": {"en": "Where the bar stands", "zh": "卷帘位置"},
        "other_grid": {
            "en": "There is no difference: the cells of the two are not the same. Regrid one of them first.",
            "zh": "无法求差：两者格网不同。请先用“处理”中的重采样（regrid）统一格网。",
        },
        "other_unit": {"en": "There is no difference: the units are not the same.", "zh": "无法求差：两者单位不同。"},
        "no_difference": {"en": "Both are the same here.", "zh": "此处两者相同。"},
        "difference_of": {"en": "{a} less {b}", "zh": "{a} 减 {b}"},
        "save_picture": {"en": "Save picture", "zh": "保存图片"},
        "share": {"en": "Copy link to this view", "zh": "复制当前视图链接"},
        "as_table": {"en": "As a table", "zh": "以表格显示"},
        "count": {"en": "Cells with data", "zh": "有效像元数"},
        "minimum": {"en": "Minimum", "zh": "最小值"},
        "maximum": {"en": "Maximum", "zh": "最大值"},
        "mean": {"en": "Mean", "zh": "平均值"},
        "median": {"en": "Median", "zh": "中位数"},
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
