"""What parameters mean whose routes do not say it, by name: (English, Chinese)."""

from __future__ import annotations

from typing import Final

PARAMETERS: Final = {
    "cdm_data_type": ("Kind of the data, Grid here.", "数据的种类，此处为 Grid。"),
    "format": ("The format, as the ending of the name.", "格式，即名称的后缀。"),
    "height": ("Rows of the sample.", "样本的行数。"),
    "institution": ("The institution, or (ANY).", "机构，或 (ANY)。"),
    "ioos_category": ("A category of IOOS, or (ANY).", "IOOS 类别，或 (ANY)。"),
    "itemsPerPage": ("Datasets of a page.", "每页的数据集个数。"),
    "jobId": ("Identifier of a job.", "作业的标识符。"),
    "keywords": ("A keyword, or (ANY).", "关键词，或 (ANY)。"),
    "layer": ("A layer of the capabilities: collection.variable.", "能力文档中的一个图层：collection.variable。"),
    "level": ("A level, as the collection lists it; absent: the first.", "层次，如数据集所列；缺省时为第一个。"),
    "long_name": ("A long name of a variable, or (ANY).", "变量的长名称，或 (ANY)。"),
    "maxLat": ("Northern edge, degrees.", "北缘（度）。"),
    "maxLon": ("Eastern edge, degrees.", "东缘（度）。"),
    "maxTime": ("Last time, in ISO 8601.", "最后时间，ISO 8601。"),
    "member": ("A member of an ensemble.", "集合成员。"),
    "minLat": ("Southern edge, degrees.", "南缘（度）。"),
    "minLon": ("Western edge, degrees.", "西缘（度）。"),
    "minTime": ("First time, in ISO 8601.", "最早时间，ISO 8601。"),
    "name": ("Name of the file.", "文件的名称。"),
    "page": ("Number of the page, from 1.", "页码，从 1 起。"),
    "part": ("One of the sheets that a time is cut into.", "一个时次所分图幅中的一幅。"),
    "processId": ("Identifier of a process.", "处理的标识符。"),
    "protocol": ("Protocol of the data, or (ANY).", "数据的协议，或 (ANY)。"),
    "standard_name": ("A CF standard name, or (ANY).", "CF 标准名称，或 (ANY)。"),
    "style": ("A style of the variable, or default.", "变量的样式，或 default。"),
    "styleId": ("Identifier of a style.", "样式的标识符。"),
    "tileMatrixSetId": ("Identifier of a tile matrix set.", "瓦片矩阵集的标识符。"),
    "tile_format": ("Format of the tiles, png by default.", "瓦片的格式，默认为 png。"),
    "time": ("A time, or latest.", "时间，或 latest。"),
    "variable": ("A variable; absent from a query: the first.", "变量；查询中缺省时为第一个。"),
    "variableName": ("Name of a variable, or (ANY).", "变量名，或 (ANY)。"),
    "width": ("Columns of the sample.", "样本的列数。"),
    "x": ("Column, from the west.", "列号，自西起。"),
    "y": ("Row, from the north; of TMS from the south.", "行号，自北起；TMS 自南起。"),
    "z": ("Zoom level.", "缩放级别。"),
}
