"""The API description in Chinese: the texts of CSW and OAI-PMH."""

from __future__ import annotations

from typing import Final

CATALOGUE_SERVICES: Final = {
    "The catalogue as CSW 2.0.2, by keywords": "以关键字访问的 CSW 2.0.2 目录",
    "An operation of CSW (OGC 07-006r1).": "CSW 的一个操作（OGC 07-006r1）。",
    "CSW.": "CSW。",
    "2.0.2; mandatory except for GetCapabilities.": "2.0.2；除 GetCapabilities 外必填。",
    (
        "The operation: GetCapabilities, DescribeRecord, GetRecords, GetRecordById, GetDomain. Names of parameters may "
        "be in any case."
    ): "操作：GetCapabilities、DescribeRecord、GetRecords、GetRecordById、GetDomain。参数名不区分大小写。",
    "GetCapabilities: sections of the answer.": "GetCapabilities：应答的章节。",
    "GetCapabilities: versions that the client speaks.": "GetCapabilities：客户端支持的版本。",
    "GetRecords: csw:Record or gmd:MD_Metadata.": "GetRecords：csw:Record 或 gmd:MD_Metadata。",
    "GetRecords: a filter, such as csw:AnyText LIKE '%ice%' AND dc:type = 'dataset'.": (
        "GetRecords：过滤条件，如 csw:AnyText LIKE '%ice%' AND dc:type = 'dataset'。"
    ),
    "GetRecords: CQL_TEXT or FILTER (OGC Filter 1.1).": "GetRecords：CQL_TEXT 或 FILTER（OGC Filter 1.1）。",
    "GetRecords: hits (the default), results or validate.": "GetRecords：hits（默认）、results 或 validate。",
    "GetRecords: queryables with :A or :D.": "GetRecords：可查询属性，后加 :A 或 :D。",
    "GetRecords: number of the first record, from 1.": "GetRecords：首条记录的编号，从 1 起。",
    "GetRecords: most records of the answer.": "GetRecords：应答中记录的最大条数。",
    "GetRecordById: identifiers.": "GetRecordById：标识符。",
    "brief, summary or full.": "brief、summary 或 full。",
    "http://www.opengis.net/cat/csw/2.0.2 or http://www.isotc211.org/2005/gmd.": (
        "http://www.opengis.net/cat/csw/2.0.2 或 http://www.isotc211.org/2005/gmd。"
    ),
    "Language of the first texts: en or zh. Absent: by Accept-Language.": (
        "首先给出的文字的语言：en 或 zh。缺省时依 Accept-Language 头。"
    ),
    "The catalogue as CSW 2.0.2, by XML": "以 XML 访问的 CSW 2.0.2 目录",
    "An operation of CSW, with filters too long for a URL.": "CSW 的一个操作，用于过长而不宜写入网址的过滤条件。",
    "A request of CSW 2.0.2 in XML, of at most 200000 bytes.": "XML 形式的 CSW 2.0.2 请求，至多 200000 字节。",
    "The catalogue as OAI-PMH 2.0": "OAI-PMH 2.0 目录",
    "A verb of OAI-PMH.": "OAI-PMH 的一个动词。",
    "Identify, ListMetadataFormats, ListSets, ListIdentifiers, ListRecords or GetRecord.": (
        "Identify、ListMetadataFormats、ListSets、ListIdentifiers、ListRecords 或 GetRecord。"
    ),
    "Format of the records: oai_dc, iso19139 or datacite.": "记录的格式：oai_dc、iso19139 或 datacite。",
    "GetRecord: identifier of the record.": "GetRecord：记录的标识符。",
    "First time of change, YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ.": "修改时间的起点，YYYY-MM-DD 或 YYYY-MM-DDThh:mm:ssZ。",
    "Last time of change, inclusive.": "修改时间的终点（含）。",
    "Type of the records, as ListSets names them.": "记录的类型，名称见 ListSets。",
    "The place where the page before ended; beside the verb alone.": "上一页结束之处；只与动词同用。",
    "The answer, or an error of OAI-PMH.": "应答，或 OAI-PMH 的错误。",
    "The catalogue as OAI-PMH 2.0, by a form": "以表单访问的 OAI-PMH 2.0 目录",
    "The arguments as a form.": "表单形式的参数。",
}
