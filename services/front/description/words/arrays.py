"""The API description in Chinese: the texts of OPeNDAP, ERDDAP and Zarr."""

from __future__ import annotations

from typing import Final

ARRAYS: Final = {
    "DAP 2: names, types and sizes": "DAP 2：名称、类型和大小",
    "The dataset descriptor structure, of the constraint in the query.": "数据集描述结构（DDS），按查询中的约束。",
    "DAP 2: attributes": "DAP 2：属性",
    "The dataset attribute structure; it is of the whole dataset, whatever the constraint.": (
        "数据集属性结构（DAS）；无论约束如何，均属于整个数据集。"
    ),
    "DAP 2: values": "DAP 2：数值",
    "The descriptor and the values of the constraint in the query: name[first:stride:last] for each dimension.": (
        "查询中约束的描述和数值：每一维写作 name[first:stride:last]。"
    ),
    "DAP 2: values as text": "DAP 2：文本形式的数值",
    "The descriptor and the values of the constraint as text.": "以文本给出约束的描述和数值。",
    "DAP 2: versions": "DAP 2：版本",
    "The versions of the protocol.": "协议的各个版本。",
    "DAP 4: description": "DAP 4：描述",
    "The dataset metadata response, of the constraint in `dap4.ce`.": (
        "数据集元数据应答（DMR），按 `dap4.ce` 中的约束。"
    ),
    "DAP 4: values": "DAP 4：数值",
    "The description and the values of `dap4.ce`, such as /v[0:99][70][113];/time, in chunks with checksums.": (
        "`dap4.ce`（如 /v[0:99][70][113];/time）的描述和数值，分块给出并带校验和。"
    ),
    "OPeNDAP: the form as a page": "OPeNDAP：表单网页",
    "The form as a page, at the address where DAP servers have it.": "表单网页，位于 DAP 服务器通常的网址。",
    "OPeNDAP: the form of a dataset": "OPeNDAP：数据集的表单",
    "The address that OPeNDAP clients open; as a page, a form that writes constraints.": (
        "OPeNDAP 客户端打开的网址；以网页给出时，为书写约束的表单。"
    ),
    "ERDDAP: a dataset": "ERDDAP：一个数据集",
    "The attributes of a dataset, its axes and its variables, as a table.": "数据集的属性、各轴和变量，以表格给出。",
    "A collection, or a further group: collection_variable.": "数据集，或其另一组：collection_variable。",
    "csv, json or html.": "csv、json 或 html。",
    "ERDDAP: every gridded dataset": "ERDDAP：全部格网数据集",
    "The datasets of this interface whose data the client may read, page by page.": (
        "此接口中客户端可读取其数据的数据集，分页给出。"
    ),
    "ERDDAP: every dataset": "ERDDAP：全部数据集",
    "ERDDAP: advanced search": "ERDDAP：高级检索",
    "The datasets whose id or title has a text, and that meet a box, times and names of variables.": (
        "标识符或标题含有某文字，且与矩形、时间和变量名相符的数据集。"
    ),
    "A part of the id or title.": "标识符或标题的一部分。",
    "ERDDAP: search by words": "ERDDAP：按词检索",
    "ERDDAP: tables: none": "ERDDAP：表格（无）",
    "There are no tables.": "没有表格。",
    "ERDDAP: version": "ERDDAP：版本",
    "The version of ERDDAP whose URLs these are.": "这些网址所属的 ERDDAP 版本。",
    "griddap: the form": "griddap：表单",
    "The form of the dataset, which is that of OPeNDAP.": "数据集的表单，与 OPeNDAP 的相同。",
    "griddap: attributes": "griddap：属性",
    "The attributes.": "各属性。",
    "griddap: types and sizes": "griddap：类型和大小",
    "The names, types and sizes.": "名称、类型和大小。",
    "griddap: values for DAP 2": "griddap：供 DAP 2 的数值",
    "The values in XDR.": "XDR 形式的数值。",
    "griddap: values as text": "griddap：文本形式的数值",
    "The values as DAP servers write them in text.": "以 DAP 服务器的文本形式给出的数值。",
    "griddap: NcML": "griddap：NcML",
    "The description that erddapy learns the axes from.": "erddapy 用以了解各轴的描述。",
    "griddap: NetCDF-3": "griddap：NetCDF-3",
    "The values as a NetCDF-3 file.": "以 NetCDF-3 文件给出的数值。",
    "griddap: CSV, no head": "griddap：CSV，无表头",
    "The values as comma-separated values, a row for each cell.": "以逗号分隔的数值，每个像元一行。",
    "griddap: CSV, one head": "griddap：CSV，一行表头",
    "griddap: CSV": "griddap：CSV",
    "griddap: JSON": "griddap：JSON",
    "The values as ERDDAP's JSON table.": "以 ERDDAP 的 JSON 表格给出的数值。",
    "griddap: a page": "griddap：网页",
    "The values as a table for people.": "供人阅读的数值表格。",
    "References to the blocks of the files of a collection, for kerchunk": "数据集各文件数据块的引用，供 kerchunk 使用",
    "Where the blocks of the COGs lie: a Zarr 2 store whose chunks are ranges of bytes of the assets.": (
        "各 COG 数据块的位置：一个 Zarr 2 存储，其块为文件的字节范围。"
    ),
    "References, version 1.": "引用，第 1 版。",
    "The Zarr store of a collection": "数据集的 Zarr 存储",
    "The members of the store, as a page from which clients without consolidated metadata learn them.": (
        "存储的成员，以网页给出，供没有合并元数据的客户端了解。"
    ),
    "Metadata or a chunk of the Zarr store": "Zarr 存储的元数据或一个块",
    "An object of the store. 404 for a chunk means that its times are known to be missing, so that it is all fill.": (
        "存储中的一个对象。块为 404 表示已知其时次缺失，因此全为填充值。"
    ),
    "Key of an object, such as zarr.json or v/c/0/0/0.": "对象的键，如 zarr.json 或 v/c/0/0/0。",
    "The object.": "对象。",
}
