"""The API description in Chinese: what several standards share, and what belongs to none."""

from __future__ import annotations

from typing import Final

SHARED: Final = {
    "Earth-science datasets as OGC services.": "以 OGC 服务发布的地球科学数据集。",
    "The landing page": "首页",
    "Title, description and links of the service.": "本服务的标题、说明和链接。",
    "Format: json or html. Absent: by the Accept header.": "格式：json 或 html。缺省时依 Accept 头。",
    "Language: en or zh. Absent: by Accept-Language.": "语言：en 或 zh。缺省时依 Accept-Language 头。",
    "Successful Response": "成功。",
    "An error.": "出错。",
    "A parameter has a bad value.": "某个参数的值有误。",
    "The standards this service keeps to": "本服务遵循的标准",
    "Every conformance class that the service keeps.": "本服务遵循的所有一致性类。",
    "This document": "本文档",
    "The OpenAPI 3.0 document, or its page for people.": "OpenAPI 3.0 文档，或供人阅读的网页。",
    "json, html or a media type.": "json、html 或媒体类型。",
    "Whether the process is alive": "进程是否存活",
    "200 as long as the process answers; asks nothing of the database.": "只要进程能应答就是 200；不查询数据库。",
    "Whether the service can answer": "服务能否应答",
    "200 when the database answers and its schema is this version's; else 503 with the reason.": (
        "数据库能应答且其结构与本版本一致时为 200；否则为 503，并说明原因。"
    ),
    "The guides": "使用指南",
    "Title, summary and address of each guide.": "各指南的标题、摘要和网址。",
    "One guide": "一篇指南",
    "A guide; as JSON, its text is Markdown.": "一篇指南；以 JSON 给出时，正文为 Markdown。",
    "Name of a guide.": "指南的名称。",
    "There is no such resource.": "没有此资源。",
    "The catalogue of records": "元数据目录",
    (
        "The collection whose items are the metadata records of all datasets. Its default media type is that of a "
        "catalogue (OGC 20-004r1, /req/record-collection/default-mediatype); who asks for application/json gets that, "
        "since GDAL accepts no other."
    ): (
        "以全部数据集的元数据记录为条目的集合。默认媒体类型为目录的类型（OGC 20-004r1，"
        "/req/record-collection/default-mediatype）；请求 application/json 者得到该类型，因为 GDAL 只接受它。"
    ),
    "The answer.": "应答。",
    "A valid token is needed.": "需要有效的令牌。",
    "The token does not allow it, or there is no token at all.": "令牌不允许此操作，或没有令牌。",
    "An ows:ExceptionReport.": "ows:ExceptionReport。",
    "The file.": "该文件。",
    "The bytes that Range asks for.": "Range 所要求的字节。",
    "The client has it.": "客户端已有此文件。",
    "No byte of the file lies in the ranges.": "所求范围内没有文件的任何字节。",
    "Identifier of a collection.": "数据集的标识符。",
    "A style of the variable; absent: default.": "变量的样式；缺省时为 default。",
    "Absent: CRS84.": "缺省时为 CRS84。",
    "Columns of pixels.": "像素列数。",
    "Rows of pixels.": "像素行数。",
    "A time or an interval that selects one granule.": "选出一幅数据的时间或时段。",
    "Take the nearest time if none is equal.": "没有相同的时次时取最近的时次。",
    "A member of an ensemble; absent: the first.": "集合成员；缺省时为第一个。",
    "Dataset band indexes": "数据集的波段序号。",
    "rio-tiler's band math expression": "rio-tiler 的波段运算表达式。",
    "comma (',') delimited Min,Max range. Can set multiple time for multiple bands.": (
        "以逗号分隔的最小值,最大值；多个波段可给出多次。"
    ),
    "rio-color formula (info: https://github.com/mapbox/rio-color)": (
        "rio-color 公式（见 https://github.com/mapbox/rio-color）。"
    ),
    "Add mask to the output data. Defaults to `True`": "是否在输出中加入掩膜。默认为 `True`。",
    "How values spread over the colours, linear or log; absent: as the style says of its range.": (
        "值在颜色上的分布方式，linear（线性）或 log（对数）；缺省时按样式对其范围所述。"
    ),
    "Name of a colour map.": "色表的名称。",
    "A colour map as JSON: colours by value.": "JSON 形式的色表：按值给出颜色。",
    "Format: json.": "格式：json。",
    "Overwrite internal Nodata value; nan or valid float values only.": (
        "替换内部的无数据值；只能是 nan 或有效的浮点数。"
    ),
    "Apply internal Scale/Offset. Defaults to `False`.": "是否应用内部的比例与偏移。默认为 `False`。",
    "RasterIO resampling algorithm. Defaults to `nearest`.": "RasterIO 重采样算法。默认为 `nearest`。",
    "WarpKernel resampling algorithm (only used when doing re-projection). Defaults to `nearest`.": (
        "WarpKernel 重采样算法（仅用于重投影）。默认为 `nearest`。"
    ),
    "Language of the texts: en or zh.": "文字的语言：en 或 zh。",
    "Longitude, degrees east.": "经度，东经度数。",
    "Latitude, degrees north.": "纬度，北纬度数。",
    "Coordinate Reference System of the input coords. Default to `epsg:4326`.": (
        "输入坐标的坐标参考系。默认为 `epsg:4326`。"
    ),
    "Return statistics for categorical dataset. Defaults to `False`": "是否按分类数据统计。默认为 `False`。",
    "Values to count, of a categorical variable.": "分类变量中要计数的值。",
    "Percentiles, 0 to 100; absent: 2 and 98.": "百分位数，0 至 100；缺省时为 2 和 98。",
    (
        "Defines the number of equal-width bins in the given range (10, by default). If bins is a sequence (comma `,` "
        "delimited values), it defines a monotonically increasing array of bin edges, including the rightmost edge, "
        "allowing for non-uniform bin widths. link: "
        "https://numpy.org/doc/stable/reference/generated/numpy.histogram.html"
    ): (
        "给定范围内等宽直方区间的个数（默认为 10）。若为逗号分隔的序列，则为单调递增的区间边界，含最右边界，区间宽度可"
        "不等。见 https://numpy.org/doc/stable/reference/generated/numpy.histogram.html"
    ),
    (
        "Comma `,` delimited range of the bins. The lower and upper range of the bins. If not provided, range is "
        "simply (a.min(), a.max()). Values outside the range are ignored. The first element of the range must be less "
        "than or equal to the second. range affects the automatic bin computation as well. link: "
        "https://numpy.org/doc/stable/reference/generated/numpy.histogram.html"
    ): (
        "以逗号分隔的直方区间下限和上限；缺省时为 (a.min(), a.max())。范围外的值不计；前者须小于或等于后者，并影响区间"
        "的自动划分。见 https://numpy.org/doc/stable/reference/generated/numpy.histogram.html"
    ),
    "The tile.": "瓦片。",
    "A variable; absent: the first.": "变量；缺省时为第一个。",
    "A Jupyter notebook for a collection": "数据集的 Jupyter 笔记本",
    "A notebook that opens the dataset, draws it, reads a series and names whom to credit.": (
        "打开数据集、绘图、读取序列并注明署名的笔记本。"
    ),
    "Language of the texts.": "文字的语言。",
    "The notebook.": "笔记本。",
    "Most collections of the answer.": "应答中集合的最大个数。",
    "Times, their interval and gaps": "时次、间隔与空缺",
    (
        "The times in `datetime`, page by page, with the gaps among them. `time` is the one that lies in it, else the "
        "nearest to it, with those before and after it."
    ): "`datetime` 内的各时次，分页给出，并注明其间的空缺。`time` 为其中的时次，否则为最近的时次，并给出其前后的时次。",
    "A time or interval; absent: all times, and the latest as `time`.": (
        "时间或时段；缺省时为全部时次，且以最近时次为 `time`。"
    ),
    "Most times of the answer.": "应答中时次的最大个数。",
    "Times before the first of the answer.": "跳过的时次个数。",
    "The collections": "数据集",
    "The datasets by id, after the catalogue of their records.": "按标识符列出的数据集，在其记录目录之后。",
    "Collections before the first of the answer.": "跳过的数据集个数。",
    "A part of the id or of the title.": "标识符或标题的一部分。",
    "west,south,east,north that the data meets.": "数据与之相交的 west,south,east,north。",
    "A time or interval that the data meets.": "数据与之相交的时间或时段。",
    "One collection": "一个数据集",
    "Extent, variables, access and links of a dataset.": "数据集的范围、变量、访问方式和链接。",
}
