"""Titles of the links to a dataset's OPeNDAP services."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "dap": {"en": "OPeNDAP: the address to open in netCDF programs", "zh": "OPeNDAP：供 netCDF 程序打开的地址"},
        "dds": {"en": "Structure (DDS)", "zh": "结构（DDS）"},
        "das": {"en": "Attributes (DAS)", "zh": "属性（DAS）"},
        "dods": {"en": "Values (DAP 2), a constraint in the query", "zh": "数据值（DAP 2），查询串为约束表达式"},
        "ascii": {"en": "Values as text, a constraint in the query", "zh": "文本形式的数据值，查询串为约束表达式"},
        "dmr": {"en": "Description (DAP 4)", "zh": "描述（DAP 4）"},
        "griddap": {"en": "ERDDAP's griddap: description of the dataset", "zh": "ERDDAP griddap：数据集说明"},
    }
)
