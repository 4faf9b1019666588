"""GetCapabilities and DescribeCoverage of WCS 2.0.1 (OGC 09-110r4, 8.2 and 8.3), written while they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from records.datasets.models import text_in
from services.apis.wcs.coverages import EPSG, Coverage, coverage_of, number, ordered_pair
from services.apis.wcs.gml import SPACES, bounded_by, domain_set, range_type
from services.apis.wcs.trimming import FORMATS, INTERPOLATIONS, TIFF
from services.drawing.tiles.matrices import clipped
from services.drawing.tiles.matrix_sets import world_crs84_quad
from services.ows.dimensions import dimensions_of
from services.ows.layers import layers_of
from services.ows.markup import DECLARATION, element, leaf
from services.ows.service_texts import identification, provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.datasets.models import Dataset
    from services.access.principal import Principal
    from services.ows.layer_catalogue import Axes, LayerCatalogue, LayerList
    from services.ows.time_axis import LayerTimes
    from services.web.context import Context
    from services.web.negotiation import Language

VERSION: Final = "2.0.1"
OPERATIONS: Final = ("GetCapabilities", "DescribeCoverage", "GetCoverage")
_CODES: Final = (4326, 3857, 3413, 3031, 3995, 4490)
"""CRSs that are listed; every one of EPSG is taken."""
_SPEC: Final = "http://www.opengis.net/spec/"
_PROFILES: Final = tuple(
    _SPEC + name
    for name in (
        "WCS/2.0/conf/core",
        "WCS_protocol-binding_get-kvp/1.0",
        "WCS_protocol-binding_get-kvp/1.0/conf/get-kvp",
        "WCS_protocol-binding_post-xml/1.0",
        "WCS_protocol-binding_post-xml/1.0/conf/post-xml",
        "WCS_coverage-encoding_geotiff/1.0/conf/geotiff-coverage",
        "GMLCOV/1.0/conf/multipart",
        "WCS_service-extension_range-subsetting/1.0/conf/record-subsetting",
        "WCS_service-extension_scaling/1.0/conf/scaling",
        "WCS_service-extension_interpolation/1.0/conf/interpolation",
        "WCS_service-extension_crs/1.0/conf/crs",
        "WCS_service-extension_crs/1.0/conf/crs-gridded-coverage",
    )
)
"""Without GMLCOV/1.0/conf/gml: that would make GML the native format."""


class WcsCapabilities:
    """Writes the capabilities of a catalogue or a collection.

    Args:
        context: Of the application.
        endpoint: URL of the service, without a query.
        language: Of titles and abstracts.
    """

    def __init__(self, context: Context, endpoint: str, language: Language) -> None:
        self._context = context
        self._endpoint = endpoint
        self._language = language

    def document(
        self, principal: Principal, layers: LayerCatalogue, chosen: LayerList, *, is_index: bool
    ) -> Iterator[str]:
        """Yield the document in pieces; an index names the themes, each a document of its own."""
        settings = self._context.settings
        spaces = "".join(f' {name}="{value}"' for name, value in SPACES.items())
        yield f'{DECLARATION}<wcs:Capabilities{spaces} version="{VERSION}">'
        note = "".join(map(self._theme, chosen.themes)) if is_index else ""
        profiles = "".join(leaf("ows:Profile", profile) for profile in _PROFILES)
        yield identification(settings, "OGC WCS", [VERSION], note=note, tail=profiles)
        yield provider(settings) + self._operations() + self._metadata() + "<wcs:Contents>"
        if not is_index:
            key = ("wcs 2.0.1", self._language)
            for _, text in layers.fragments(self._context, principal, chosen, key, self.summaries):
                yield text
        yield "</wcs:Contents></wcs:Capabilities>"

    def summaries(self, dataset: Dataset, _: Axes) -> str:
        """The CoverageSummary elements of a dataset; those in projected CRSs first, where clients agree on the axes."""
        coverages = [coverage for layer in layers_of(dataset) if (coverage := coverage_of(layer)) is not None]
        return "".join(map(self._summary, sorted(coverages, key=lambda coverage: coverage.reference.is_degrees)))

    def _theme(self, theme: str) -> str:
        query = {"service": "WCS", "request": "GetCapabilities", "theme": theme}
        return f" {theme or 'Other'}: {self._endpoint}?{urlencode(query, quote_via=quote)}"

    def _operations(self) -> str:
        values = element("ows:AllowedValues", leaf("ows:Value", "XML"))
        encoding = element("ows:Constraint", values, {"name": "PostEncoding"})
        get = element("ows:Get", attributes={"xlink:href": f"{self._endpoint}?"})
        http = element("ows:HTTP", get + element("ows:Post", encoding, {"xlink:href": self._endpoint}))
        operations = (element("ows:Operation", element("ows:DCP", http), {"name": name}) for name in OPERATIONS)
        return element("ows:OperationsMetadata", "".join(operations) + encoding)

    @staticmethod
    def _metadata() -> str:
        methods = "".join(leaf("int:InterpolationSupported", uri) for uri in INTERPOLATIONS)
        crss = "".join(leaf("crs:crsSupported", f"{EPSG}{code}") for code in _CODES)
        extension = element("int:InterpolationMetadata", methods) + element("crs:CrsMetadata", crss)
        formats = "".join(leaf("wcs:formatSupported", form) for form in FORMATS)
        return element("wcs:ServiceMetadata", formats + element("wcs:Extension", extension))

    def _summary(self, coverage: Coverage) -> str:
        dataset, reference = coverage.layer.dataset, coverage.reference
        west, south, east, north = clipped(dataset.bbox, world_crs84_quad())
        left, bottom, right, top = coverage.grid.bounds
        corners = (
            leaf("ows:LowerCorner", " ".join(map(number, ordered_pair(reference, left, bottom))))
            + leaf("ows:UpperCorner", " ".join(map(number, ordered_pair(reference, right, top))))
        )  # fmt: skip
        abstract = text_in(dataset.description, self._language)
        return element(
            "wcs:CoverageSummary",
            leaf("ows:Title", coverage.layer.title(self._language))
            + (leaf("ows:Abstract", abstract) if abstract else "")
            + element(
                "ows:WGS84BoundingBox",
                leaf("ows:LowerCorner", f"{west!r} {south!r}") + leaf("ows:UpperCorner", f"{east!r} {north!r}"),
            )
            + leaf("wcs:CoverageId", coverage.id)
            + leaf("wcs:CoverageSubtype", "RectifiedGridCoverage")
            + element("ows:BoundingBox", corners, {"crs": reference.uri, "dimensions": 2}),
        )


def descriptions(coverages: list[tuple[Coverage, LayerTimes | None]]) -> str:
    """The CoverageDescriptions of coverages and their times."""
    inner = "".join(_description(coverage, axis) for coverage, axis in coverages)
    return DECLARATION + element("wcs:CoverageDescriptions", inner, SPACES)


def _description(coverage: Coverage, axis: LayerTimes | None) -> str:
    """A CoverageDescription. Times and elevations, axes of no grid, stand in the extension of its parameters."""
    dimensions = "".join(
        leaf("dimension", dimension.extent, {"name": dimension.name, "default": dimension.default})
        for dimension in dimensions_of(coverage.layer, axis)
    )
    extension = element("wcs:Extension", dimensions) if dimensions else ""
    parameters = leaf("wcs:CoverageSubtype", "RectifiedGridCoverage") + leaf("wcs:nativeFormat", TIFF) + extension
    return element(
        "wcs:CoverageDescription",
        bounded_by(coverage.grid, coverage.reference)
        + leaf("wcs:CoverageId", coverage.id)
        + domain_set(coverage.grid, coverage.reference, coverage.id)
        + range_type(coverage)
        + element("wcs:ServiceParameters", parameters),
        {"gml:id": coverage.id},
    )
