"""The documents of WCS 1.0.0 (OGC 03-065r6, 7 and 8), as QGIS and GDAL read them: coordinates always x, y."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from records.datasets.models import text_in
from services.apis.wcs.coverages import EPSG, Coverage, coverage_of, number
from services.apis.wcs.old_trimming import FORMATS, INTERPOLATIONS
from services.drawing.tiles.matrices import clipped
from services.drawing.tiles.matrix_sets import world_crs84_quad
from services.ows.dimensions import dimensions_of
from services.ows.layers import layers_of
from services.ows.markup import DECLARATION, element, leaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.datasets.models import Dataset
    from services.access.principal import Principal
    from services.ows.layer_catalogue import Axes, LayerCatalogue, LayerList
    from services.ows.time_axis import LayerTimes
    from services.web.context import Context
    from services.web.negotiation import Language

VERSION: Final = "1.0.0"
_SPACES: Final = {
    "xmlns": "http://www.opengis.net/wcs",
    "xmlns:gml": "http://www.opengis.net/gml",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "version": VERSION,
}
_CRS84: Final = "urn:ogc:def:crs:OGC:1.3:CRS84"
_OPERATIONS: Final = ("GetCapabilities", "DescribeCoverage", "GetCoverage")


class OldWriter:
    """Writes documents of a catalogue or a collection; arguments as `capabilities.CapabilitiesWriter`."""

    def __init__(self, context: Context, endpoint: str, language: Language) -> None:
        self._context = context
        self._endpoint = endpoint
        self._language = language

    def document(
        self, principal: Principal, layers: LayerCatalogue, chosen: LayerList, *, is_index: bool
    ) -> Iterator[str]:
        """Yield the capabilities in pieces; an index is without coverages."""
        server = self._context.settings.server
        spaces = "".join(f' {name}="{value}"' for name, value in _SPACES.items())
        yield f"{DECLARATION}<WCS_Capabilities{spaces}>"
        yield element(
            "Service",
            (leaf("description", server.description) if server.description else "")
            + leaf("name", "WCS")
            + leaf("label", server.title)
            + leaf("fees", "NONE")
            + leaf("accessConstraints", "NONE"),
        )
        http = element("Get", element("OnlineResource", attributes={"xlink:href": f"{self._endpoint}?"}))
        ways = element("DCPType", element("HTTP", http))
        requests = element("Request", "".join(element(name, ways) for name in _OPERATIONS))
        exceptions = element("Exception", leaf("Format", "application/vnd.ogc.se_xml"))
        yield element("Capability", requests + exceptions) + "<ContentMetadata>"
        if not is_index:
            key = ("wcs 1.0.0", self._language)
            for _, text in layers.fragments(self._context, principal, chosen, key, self.briefs):
                yield text
        yield "</ContentMetadata></WCS_Capabilities>"

    def briefs(self, dataset: Dataset, axes: Axes) -> str:
        """The CoverageOfferingBrief elements of a dataset."""
        coverages = [coverage for layer in layers_of(dataset) if (coverage := coverage_of(layer)) is not None]
        return "".join(
            element("CoverageOfferingBrief", self._names(coverage, axes.get(coverage.layer.variable.id)))
            for coverage in coverages
        )

    def descriptions(self, coverages: list[tuple[Coverage, LayerTimes | None]]) -> str:
        """The CoverageDescription of coverages and their times."""
        inner = "".join(self._offering(coverage, axis) for coverage, axis in coverages)
        return DECLARATION + element("CoverageDescription", inner, _SPACES)

    def _names(self, coverage: Coverage, axis: LayerTimes | None) -> str:
        west, south, east, north = clipped(coverage.layer.dataset.bbox, world_crs84_quad())
        corners = leaf("gml:pos", f"{west!r} {south!r}") + leaf("gml:pos", f"{east!r} {north!r}")
        ends = ""
        if axis is not None:
            ends = leaf("gml:timePosition", axis.labels[0]) + leaf("gml:timePosition", axis.labels[-1])
        abstract = text_in(coverage.layer.dataset.description, self._language)
        return (
            (leaf("description", abstract) if abstract else "")
            + leaf("name", coverage.id)
            + leaf("label", coverage.layer.title(self._language))
            + element("lonLatEnvelope", corners + ends, {"srsName": _CRS84})
        )

    def _offering(self, coverage: Coverage, axis: LayerTimes | None) -> str:
        code = f"EPSG:{coverage.reference.uri.removeprefix(EPSG)}"
        crss = dict.fromkeys((code, "EPSG:4326", "EPSG:3857"))
        positions = "" if axis is None else "".join(leaf("gml:timePosition", label) for label in axis.labels)
        domain = element("spatialDomain", _envelope(coverage, code) + _grid(coverage))
        domain += element("temporalDomain", positions) if positions else ""
        methods = "".join(leaf("interpolationMethod", name) for name in INTERPOLATIONS)
        return element(
            "CoverageOffering",
            self._names(coverage, axis)
            + element("domainSet", domain)
            + element("rangeSet", _range(coverage, axis))
            + element(
                "supportedCRSs",
                "".join(leaf("requestResponseCRSs", name) for name in crss) + leaf("nativeCRSs", code),
            )
            + element(
                "supportedFormats", "".join(leaf("formats", name) for name in FORMATS), {"nativeFormat": FORMATS[0]}
            )
            + element("supportedInterpolations", methods, {"default": INTERPOLATIONS[0]}),
        )


def _envelope(coverage: Coverage, code: str) -> str:
    west, south, east, north = coverage.grid.bounds
    corners = "".join(leaf("gml:pos", f"{number(x)} {number(y)}") for x, y in ((west, south), (east, north)))
    return element("gml:Envelope", corners, {"srsName": code})


def _grid(coverage: Coverage) -> str:
    """The cells, from the centre of the upper left one."""
    grid = coverage.grid
    a, _, west, _, e, north = grid.transform
    limits = leaf("gml:low", "0 0") + leaf("gml:high", f"{grid.width - 1} {grid.height - 1}")
    return element(
        "gml:RectifiedGrid",
        element("gml:limits", element("gml:GridEnvelope", limits))
        + leaf("gml:axisName", "x")
        + leaf("gml:axisName", "y")
        + element("gml:origin", leaf("gml:pos", f"{number(west + a / 2)} {number(north + e / 2)}"))
        + leaf("gml:offsetVector", f"{number(a)} 0")
        + leaf("gml:offsetVector", f"0 {number(e)}"),
        {"dimension": 2},
    )


def _range(coverage: Coverage, axis: LayerTimes | None) -> str:
    """The RangeSet: the bands, and the levels as an axis of their own."""
    variable = coverage.layer.variable
    bands = "".join(leaf("singleValue", n + 1) for n in range(variable.band_count))
    axes = _axis("bands", bands)
    for dimension in dimensions_of(coverage.layer, axis):
        if dimension.labels:
            values = "".join(leaf("singleValue", label) for label in dimension.labels)
            axes += _axis(dimension.name, values + leaf("default", dimension.default))
    null = ""
    if variable.nodata is not None and math.isfinite(variable.nodata):
        null = element("nullValues", leaf("singleValue", number(variable.nodata)))
    names = leaf("name", variable.id) + leaf("label", text_in(variable.title) or variable.id)
    return element("RangeSet", names + axes + null)


def _axis(name: str, values: str) -> str:
    inner = leaf("name", name) + leaf("label", name) + element("values", values)
    return element("axisDescription", element("AxisDescription", inner))
