"""The API description in Chinese: the texts of WMS, WCS, WMTS and TMS, and the files for desktops."""

from __future__ import annotations

from typing import Final

WEB_SERVICES: Final = {
    "A layer definition of QGIS: every variable by WMS, with its style, times and attribution.": (
        "QGIS 图层定义文件：各变量以 WMS 给出，含样式、时间和署名。"
    ),
    "A style of the first variable.": "第一个变量的样式。",
    "Connections of QGIS to the WMS and the WMTS of the collection.": "QGIS 到该数据集 WMS 和 WMTS 的连接。",
    "Connections of QGIS to the XYZ tiles of the collection.": "QGIS 到该数据集 XYZ 瓦片的连接。",
    "A catalogue file of TerriaJS 8.": "TerriaJS 8 的目录文件。",
    "A web map of ArcGIS.": "ArcGIS 的 Web 地图。",
    "WCS 2.0.1 and 1.0.0 over the whole catalogue.": "整个目录的 WCS 2.0.1 和 1.0.0。",
    "WCS.": "WCS。",
    "2.0.1 or 1.0.0.": "2.0.1 或 1.0.0。",
    "GetCapabilities, DescribeCoverage or GetCoverage. Names may be in any case.": (
        "GetCapabilities、DescribeCoverage 或 GetCoverage。名称不区分大小写。"
    ),
    "2.0.1: a coverage of the capabilities; coverage in 1.0.0.": "2.0.1：能力文档中的一个覆盖；1.0.0 中为 coverage。",
    "2.0.1: axis(low,high) or axis(value), once for each axis, time, elevation and member too.": (
        "2.0.1：axis(low,high) 或 axis(value)，每轴一次，时间、高度和成员亦然。"
    ),
    "image/tiff, application/netcdf or application/gml+xml.": "image/tiff、application/netcdf 或 application/gml+xml。",
    "2.0.1: factor of the number of cells; or scaleAxes, scaleSize, scaleExtent.": (
        "2.0.1：像元数的倍数；或 scaleAxes、scaleSize、scaleExtent。"
    ),
    "2.0.1: fields of the answer.": "2.0.1：应答的字段。",
    "2.0.1: CRS of the answer.": "2.0.1：应答的坐标参考系。",
    "2.0.1: CRS of the subsets.": "2.0.1：各子集的坐标参考系。",
    "nearest-neighbor, linear or cubic, as URI; by name in 1.0.0.": (
        "nearest-neighbor、linear 或 cubic，以 URI 给出；1.0.0 中以名称给出。"
    ),
    "1.0.0: minx,miny,maxx,maxy in crs.": "1.0.0：minx,miny,maxx,maxy，属于 crs。",
    "1.0.0: CRS of bbox.": "1.0.0：bbox 的坐标参考系。",
    "1.0.0: columns of cells.": "1.0.0：像元列数。",
    "1.0.0: rows of cells.": "1.0.0：像元行数。",
    "1.0.0: the time.": "1.0.0：时间。",
    "Capabilities, descriptions or a coverage.": "能力文档、描述或覆盖。",
    "An exception report.": "异常报告。",
    "WCS 2.0.1 over the whole catalogue, by XML.": "整个目录的 WCS 2.0.1，以 XML 请求。",
    "A request of WCS 2.0.1 in XML, of at most 200000 bytes.": "XML 形式的 WCS 2.0.1 请求，至多 200000 字节。",
    "WCS 2.0.1 and 1.0.0 over one collection.": "一个数据集的 WCS 2.0.1 和 1.0.0。",
    "WCS 2.0.1 over one collection, by XML.": "一个数据集的 WCS 2.0.1，以 XML 请求。",
    "WMS 1.1.1 and 1.3.0 over the whole catalogue.": "整个目录的 WMS 1.1.1 和 1.3.0。",
    "WMS.": "WMS。",
    "1.3.0 or 1.1.1.": "1.3.0 或 1.1.1。",
    (
        "GetCapabilities, GetMap, GetFeatureInfo, GetLegendGraphic, DescribeLayer, GetTimeseries. Names of parameters "
        "may be in any case."
    ): "GetCapabilities、GetMap、GetFeatureInfo、GetLegendGraphic、DescribeLayer、GetTimeseries。参数名不区分大小写。",
    "Layers of the capabilities, the lowest first: collection.variable.": (
        "能力文档中的图层，最下层在前：collection.variable。"
    ),
    "A style for each layer, empty for its default.": "各图层的样式，空值表示其默认样式。",
    "CRS of bbox and map, such as EPSG:3857; srs in 1.1.1.": "bbox 和地图的坐标参考系，如 EPSG:3857；1.1.1 中为 srs。",
    "Two corners, in 1.3.0 in the axis order of the CRS.": "两个角点，1.3.0 中按坐标参考系的轴序。",
    "image/png, image/png; mode=8bit, image/jpeg, image/webp or image/geotiff.": (
        "image/png、image/png; mode=8bit、image/jpeg、image/webp 或 image/geotiff。"
    ),
    "TRUE for no background.": "TRUE 表示没有背景。",
    "Colour of the background as 0xRRGGBB.": "背景颜色，写作 0xRRGGBB。",
    "XML, INIMAGE or BLANK.": "XML、INIMAGE 或 BLANK。",
    "An instant or an interval; absent: the latest.": "时刻或时段；缺省时为最近时次。",
    "A level; absent: the first.": "层次；缺省时为第一个。",
    "Range of the colours as low,high, or auto.": "颜色的范围，写作 low,high，或 auto。",
    "Whether colours spread by the logarithm of the values.": "颜色是否按值的对数分布。",
    "Number of colours, 1 to 256.": "颜色的个数，1 至 256。",
    "Colour above the range: 0xRRGGBB, transparent or extend.": "高于范围的颜色：0xRRGGBB、transparent 或 extend。",
    "Colour below the range: 0xRRGGBB, transparent or extend.": "低于范围的颜色：0xRRGGBB、transparent 或 extend。",
    "GetFeatureInfo: layers whose values are wanted.": "GetFeatureInfo：要取值的图层。",
    "GetFeatureInfo: application/json, text/html, text/plain or application/vnd.ogc.gml.": (
        "GetFeatureInfo：application/json、text/html、text/plain 或 application/vnd.ogc.gml。"
    ),
    "GetFeatureInfo: column of the pixel; x in 1.1.1.": "GetFeatureInfo：像素的列号；1.1.1 中为 x。",
    "GetFeatureInfo: row of the pixel; y in 1.1.1.": "GetFeatureInfo：像素的行号；1.1.1 中为 y。",
    "GetCapabilities: the layers of one theme.": "GetCapabilities：某一主题的图层。",
    "Capabilities, a map, values or a legend.": "能力文档、地图、数值或图例。",
    "A ServiceExceptionReport.": "ServiceExceptionReport。",
    "WMS 1.1.1 and 1.3.0 over one collection.": "一个数据集的 WMS 1.1.1 和 1.3.0。",
    "WMTS 1.0.0 over the whole catalogue, by keywords.": "整个目录的 WMTS 1.0.0，以关键字请求。",
    "WMTS.": "WMTS。",
    "GetCapabilities, GetTile or GetFeatureInfo. Names of parameters may be in any case.": (
        "GetCapabilities、GetTile 或 GetFeatureInfo。参数名不区分大小写。"
    ),
    "1.0.0.": "1.0.0。",
    "A layer of the capabilities: collection.variable.": "能力文档中的一个图层：collection.variable。",
    "A style of the layer, or default.": "图层的样式，或 default。",
    "image/png, image/webp or image/jpeg.": "image/png、image/webp 或 image/jpeg。",
    "A tile matrix set of the capabilities.": "能力文档中的一个瓦片矩阵集。",
    "A matrix of the set.": "矩阵集中的一个矩阵。",
    "The row, down from the top.": "行号，自上而下。",
    "The column, from the left.": "列号，自左而右。",
    "Capabilities, a tile or values.": "能力文档、瓦片或数值。",
    "WMTS 1.0.0 over one collection, by keywords.": "一个数据集的 WMTS 1.0.0，以关键字请求。",
    "The capabilities of WMTS.": "WMTS 的能力文档。",
    "The capabilities of the WMTS of a collection.": "一个数据集的 WMTS 能力文档。",
    "A tile, or the value under a pixel of it, by a path.": "以路径请求的一幅瓦片，或其中一个像素处的值。",
    "Dimensions, TileMatrixSet, TileMatrix, TileRow and TileCol, ending in .png.": (
        "各维度、TileMatrixSet、TileMatrix、TileRow 和 TileCol，以 .png 结尾。"
    ),
    "A tile of a collection, or the value under a pixel of it, by a path.": (
        "以路径请求的数据集的一幅瓦片，或其中一个像素处的值。"
    ),
    "The versions of the Tile Map Service.": "Tile Map Service 的各个版本。",
    "The maps of the Tile Map Service.": "Tile Map Service 的各个地图。",
    "The maps of one theme.": "某一主题的地图。",
    "A map: its bounding box, and where its tiles are.": "一个地图：其外接矩形，以及瓦片所在。",
    "layer@TileMatrixSet@style@time; all but the layer may be left out.": (
        "layer@TileMatrixSet@style@time；除 layer 外均可省略。"
    ),
    "A tile: columns east from the west edge, rows north from the south edge.": (
        "一幅瓦片：列自西缘向东，行自南缘向北。"
    ),
}
