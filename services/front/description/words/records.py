"""The API description in Chinese: the texts of OGC API Records."""

from __future__ import annotations

from typing import Final

RECORDS: Final = {
    "Every public record, as lines of JSON": "全部公开记录，每行一个 JSON",
    "The whole catalogue as NDJSON, produced while it is sent.": "以 NDJSON 给出整个目录，边生成边发送。",
    "A record a line, in all its languages, in the order of ids.": "每行一条记录，含其全部语言，按标识符排序。",
    "Search the records": "检索记录",
    "The records that meet every parameter, a page at a time.": "满足全部参数的记录，分页给出。",
    "Words to find. A comma separates alternatives, a blank joins the words of a phrase; case is ignored.": (
        "检索词。逗号分隔可选项，空格连接短语中的词；不区分大小写。"
    ),
    (
        "Words that a record must all have, as people type them: quotes hold a phrase, and other names of the same "
        "thing are found too (SST, 海温). A star after the last word finds titles and keywords that begin so."
    ): (
        "记录必须全部含有的词，按人们的输入习惯书写：引号内为短语，同一事物的其他名称也会找到（SST、海温）。最后一个词"
        "后加星号，可找到以其开头的标题和关键词。"
    ),
    "west,south,east,north in degrees (CRS84) that a record's geometry meets; west > east crosses 180 degrees.": (
        "以度为单位的 west,south,east,north（CRS84），记录的几何与之相交；west > east 表示跨越 180 度经线。"
    ),
    "CRS of the numbers of bbox, in its axis order.": "bbox 中数值的坐标参考系，按其轴序。",
    "CRS of the geometries of the answer, whose axis order they have.": "应答中几何的坐标参考系，按其轴序书写。",
    "A time of RFC 3339, or two with a slash between, .. for an open end, that it meets.": (
        "RFC 3339 时间，或以斜杠分隔的两个时间（.. 表示不限），记录的时间与之相交。"
    ),
    "Identifiers of records.": "记录的标识符。",
    "Properties to sort by, with - before one in descending order: id, type, title, created, updated, rank, time.": (
        "排序所依的属性，前加 - 为降序：id、type、title、created、updated、rank、time。"
    ),
    "Most records of the answer; a larger number is taken for the maximum.": (
        "应答中记录的最大条数；更大的数按上限处理。"
    ),
    "Records before the first.": "跳过的记录条数。",
    "The place where the page begins, from the next and prev links of an answer.": (
        "本页的起点，取自应答中的 next 和 prev 链接。"
    ),
    (
        "Properties whose values are counted, each as name:count:order with up to 100 values. Names: type, license, "
        "keywords, formats, themes, access, year, contacts, theme, keyword, licence, format, contributor. Orders: "
        "count_desc, count_asc, value_asc, value_desc."
    ): (
        "要统计取值的属性，各写作 name:count:order，至多 100 个值。名称：type、license、keywords、formats、themes、"
        "access、year、contacts、theme、keyword、licence、format、contributor。次序：count_desc、count_asc、value_asc、"
        "value_desc。"
    ),
    "A CQL2 filter, such as title LIKE '%ice%' AND T_AFTER(time, DATE('2010-01-01')); POST a long one as JSON.": (
        "CQL2 过滤条件，如 title LIKE '%ice%' AND T_AFTER(time, DATE('2010-01-01'))；较长的请以 JSON 用 POST 发送。"
    ),
    "Language of the filter.": "过滤条件的语言。",
    "CRS of the filter's geometries.": "过滤条件中几何的坐标参考系。",
    "Identifier.": "标识符。",
    "Type of the resource.": "资源类型。",
    "Title, in any language.": "标题，任何语言。",
    "Description, in any language.": "说明，任何语言。",
    "Keywords; one is enough.": "关键词；有其一即可。",
    "Language in which the record is available.": "记录所具有的语言。",
    "Foreign identifiers: scheme:value, value or scheme:.": "外部标识符：scheme:value、value 或 scheme:。",
    "Code of a concept of a knowledge system.": "知识体系中某个概念的代码。",
    "Name or media type of a format.": "格式的名称或媒体类型。",
    "Any text of a contact, such as an organization.": "联系人的任何文字，如机构名。",
    "SPDX identifier of the licence, or other.": "许可的 SPDX 标识符，或 other。",
    "Who may read the data, as the record says: open, login or apply.": (
        "记录所述谁可读取数据：open（开放）、login（登录）或 apply（申请）。"
    ),
    "A year that the data cover.": "数据所涵盖的年份。",
    "When the record entered the catalogue.": "记录进入目录的时间。",
    "When the record last changed.": "记录最近一次修改的时间。",
    "Format: json, geojson or html. Absent: by the Accept header.": "格式：json、geojson 或 html。缺省时依 Accept 头。",
    "Instead of numberMatched where more records match than are counted one by one.": (
        "匹配的记录多到不逐条计数时，以此代替 numberMatched。"
    ),
    "Counts of values, by the names in the request (draft OGC 25-013).": (
        "取值的计数，按请求中的名称（OGC 25-013 草案）。"
    ),
    "True where the counts are those of a sample, scaled up.": "计数由样本放大而得时为 true。",
    "Whether there are other values.": "是否还有其他取值。",
    "Search the records by a filter that is posted, or create a record": "以发送的过滤条件检索记录，或新建记录",
    (
        "The records that meet a CQL2 filter, too long for a URL, and every parameter; links repeat it as JSON. With a "
        "token, a record that is posted as application/geo+json is created."
    ): (
        "满足 CQL2 过滤条件（过长而不宜写入网址）和全部参数的记录；链接以 JSON 重复该条件。持有令牌时，以 "
        "application/geo+json 发送的记录将被新建。"
    ),
    "The record was created.": "记录已新建。",
    "The record is not valid; the member is named.": "记录无效；应答指明有误的成员。",
    "The present state of the record forbids the change.": "记录的现状不允许此修改。",
    "The record is not in the state that If-Match, If-None-Match or If-Unmodified-Since demands.": (
        "记录不处于 If-Match、If-None-Match 或 If-Unmodified-Since 所要求的状态。"
    ),
    "The body is too large.": "请求体过大。",
    "The body has a media type that is not read.": "请求体的媒体类型无法读取。",
    (
        "A filter in CQL2 JSON (OGC 21-065r2) of at most 200000 bytes; or, as application/geo+json and with a token, a "
        "record to create."
    ): "CQL2 JSON（OGC 21-065r2）过滤条件，至多 200000 字节；或持有令牌时，以 application/geo+json 发送的待新建记录。",
    "GeoJSON in CRS84.": "CRS84 的 GeoJSON。",
    "Language of the words that are texts.": "纯文本词语的语言。",
    "Suggest texts to search the records for": "给出检索词建议",
    "Keywords and titles in which a word begins with the text of `q`; in Chinese any character does.": (
        "其中有词以 `q` 的文字开头的关键词和标题；中文则任一字均可。"
    ),
    "The text typed so far.": "已输入的文字。",
    "Most suggestions.": "建议的最大条数。",
    "Of the record that has the title.": "具有该标题的记录的标识符。",
    "Path of a small picture, where data is readable.": "小图的路径，仅当数据可读时给出。",
    "One record": "一条记录",
    "The metadata of one dataset, with links to all that serves it; also as it is edited, and in other formats.": (
        "一个数据集的元数据，及提供它的全部服务的链接；也可按编辑形式或其他格式给出。"
    ),
    "Id of the record.": "记录的标识符。",
    (
        "Format: json, geojson, html, stored (for editing), iso19139, dcat, schemaorg, datacite, dc, bibtex, ris, csl, "
        "gbt7714. Absent: by Accept."
    ): (
        "格式：json、geojson、html、stored（供编辑）、iso19139、dcat、schemaorg、datacite、dc、bibtex、ris、csl、"
        "gbt7714。缺省时依 Accept 头。"
    ),
    "The record, in the negotiated format.": "记录，按协商的格式给出。",
    "Replace or create a record": "替换或新建记录",
    "Make the body the record of this id, whether there is one or not; the `id` of the body is ignored.": (
        "以请求体作为该标识符的记录，无论其是否已存在；请求体中的 `id` 被忽略。"
    ),
    "Tags of the state that is changed, or * for any.": "所修改状态的标签，或 * 表示任意。",
    "*: only if there is no such record.": "*：仅当没有此记录时。",
    "A time since which the record must not have changed, to the second.": "自此时间以来记录不得有过修改，精确到秒。",
    "The record was changed.": "记录已修改。",
    "There is no such record.": "没有此记录。",
    "The server takes changes only with If-Match.": "服务器只接受带 If-Match 的修改。",
    (
        "A record of at most 1000000 bytes: words by language tag, as in `f=stored`, or texts in the one language that "
        "`properties.language` or Content-Language names."
    ): (
        "至多 1000000 字节的记录：按语言标签书写词语（如 `f=stored` 所示），或只用 `properties.language` 或 "
        "Content-Language 所指的一种语言。"
    ),
    "Delete a record": "删除记录",
    "Withdraw a record, unless data is published under it; its versions are kept.": (
        "撤回一条记录，除非其下已发布数据；各版本仍保留。"
    ),
    "The record was deleted.": "记录已删除。",
    "Change members of a record": "修改记录的成员",
    (
        "Change a record by a merge patch (RFC 7396), with words by language tag or as GET shows them. Texts without a "
        "named language are in that of Content-Language, else in the one that GET answers in."
    ): (
        "以合并补丁（RFC 7396）修改记录，词语按语言标签书写，或如 GET 所示。未注明语言的文字属于 Content-Language 的语"
        "言，否则属于 GET 应答所用的语言。"
    ),
    "A merge patch (RFC 7396) of the record, as `f=stored` or GET shows it.": (
        "记录的合并补丁（RFC 7396），记录如 `f=stored` 或 GET 所示。"
    ),
    "Properties that records can be selected by": "可用于选择记录的属性",
    "Properties that records can be selected by.": "可用于选择记录的属性。",
    "Properties that records can be sorted by": "可用于排序记录的属性",
    "Properties that records can be sorted by.": "可用于排序记录的属性。",
    "Properties that records have": "记录所具有的属性",
    "Properties that records have.": "记录所具有的属性。",
    "Facets that a search can ask for": "检索可要求的分面",
    "The names of the facets, each with the property whose values it counts.": "各分面的名称，及其所统计的属性。",
    "Id of the collection.": "集合的标识符。",
    "Most values of a facet that states no other number.": "未另行说明的分面所列取值的最大个数。",
    "Values of fewer records are not listed.": "记录更少的取值不列出。",
    "The versions of a record": "记录的各个版本",
    "When a record changed, how, and who changed it, the latest first; also of a deleted record.": (
        "记录何时、如何、由谁修改，最近的在前；已删除的记录亦然。"
    ),
    "Most versions of the answer.": "应答中版本的最大个数。",
    "Only versions of a lower number.": "仅限编号更小的版本。",
    "The versions, the latest first.": "各版本，最近的在前。",
    "Tag of the record's state.": "记录状态的标签。",
    "URL of the record.": "记录的网址。",
}
