"""The API description in Chinese: the texts of OGC API Styles."""

from __future__ import annotations

from typing import Final

STYLES: Final = {
    "The styles of one variable, or of the first one.": "一个变量的样式；缺省时为第一个变量。",
    "A style: its colours with their meaning, or the style in a language of styles.": (
        "一个样式：各颜色及其含义，或以样式语言书写的样式。"
    ),
    "json, html, sld, sld11, qml, maplibre, or a media type. Absent: by Accept.": (
        "json、html、sld、sld11、qml、maplibre，或媒体类型。缺省时依 Accept 头。"
    ),
    "Language: en or zh.": "语言：en 或 zh。",
    "The style.": "样式。",
    "Save a style of a variable under a name: one commit, which later ingests of the dataset keep.": (
        "以一个名称保存变量的样式：一次提交，数据集此后的入库均予保留。"
    ),
    "The style is replaced.": "样式已替换。",
    "The style is not valid; the member is named.": "样式无效；应答指明有误的成员。",
    "There is no such collection, variable or style.": "没有此数据集、变量或样式。",
    "An ingest of the dataset runs; try again when it has ended.": "该数据集正在入库；请在其结束后再试。",
    "The style is new.": "样式是新建的。",
    "The body of a style that is saved.": "所保存样式的内容。",
    "Title by language.": "按语言给出的标题。",
    "A colour map that `graticule styles list` shows.": "`graticule styles list` 所列的色表。",
    "Values, in the unit, at both ends of the colours.": "颜色两端的值，以变量的单位计。",
    "How values spread over the colours.": "值在颜色上的分布方式。",
    "Delete a style of a variable; `default` stays.": "删除变量的一个样式；`default` 始终保留。",
    "What there is to know of a style: its encodings, and the layer that it is made for.": (
        "关于样式的全部信息：其编码，以及它所属的图层。"
    ),
    "The meaning of a style's colours: stops or classes with their colours, names and unit, or a drawing of them.": (
        "样式中颜色的含义：各色标或类别的颜色、名称和单位，或其图示。"
    ),
    "A time or an interval, as of maps; legends are the same for all.": "与地图相同的时间或时段；各时次的图例相同。",
    "low,high of the legend; absent: those of the style.": "图例的 low,high；缺省时为样式的范围。",
    "linear or log; absent: that of the style in its range.": "linear 或 log；缺省时为样式在其范围内所用者。",
    "The band arithmetic that is drawn, such as b1*2.": "所绘制的波段运算，如 b1*2。",
    "How a picture runs.": "图示的走向。",
    "Pixels of the picture; absent: what it needs.": "图示的像素数；缺省时按需要。",
    "No white ground behind a picture.": "图示不加白底。",
    "Format: json, png or svg. Absent: by Accept, else JSON.": (
        "格式：json、png 或 svg。缺省时依 Accept 头，否则为 JSON。"
    ),
    "The legend.": "图例。",
    "The style as SLD 1.0.0 (OGC 02-070).": "SLD 1.0.0 样式（OGC 02-070）。",
    "The style as SLD 1.1.0 with Symbology Encoding (OGC 05-078r4).": "SLD 1.1.0 样式，含符号编码（OGC 05-078r4）。",
    "The style for the files of the variable in QGIS: Properties, Style, Load style.": (
        "在 QGIS 中用于变量文件的样式：属性、样式、加载样式。"
    ),
    "A MapLibre style (version 8) that shows the tiles of the variable in this style.": (
        "以该样式显示变量瓦片的 MapLibre 样式（第 8 版）。"
    ),
    "The styles of all collections, page by page.": "全部数据集的样式，分页给出。",
    "Collections whose styles one page holds.": "每页所含样式所属的数据集个数。",
    "Collections before the first one.": "跳过的数据集个数。",
    "collection.variable.style, as the list names it.": "collection.variable.style，如列表中所写。",
    "What there is to know of a style.": "关于一个样式的全部信息。",
}
