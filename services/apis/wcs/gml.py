"""Coverages as GML (OGC 09-146r2): boundedBy, domainSet and rangeType, and small ones with their values.

Grid axes run columns first whatever the CRS, since GDAL reads the limits so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from records.datasets.models import text_in
from services.apis.wcs.coverages import axis_labels, number, ordered_pair, unit_labels
from services.ows.markup import DECLARATION, element, leaf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from config.grids import Grid
    from services.apis.wcs.coverages import Coverage
    from services.web.crs import Reference

SPACES: Final = {
    "xmlns:wcs": "http://www.opengis.net/wcs/2.0",
    "xmlns:ows": "http://www.opengis.net/ows/2.0",
    "xmlns:gml": "http://www.opengis.net/gml/3.2",
    "xmlns:gmlcov": "http://www.opengis.net/gmlcov/1.0",
    "xmlns:swe": "http://www.opengis.net/swe/2.0",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:int": "http://www.opengis.net/wcs/interpolation/1.0",
    "xmlns:crs": "http://www.opengis.net/wcs/crs/1.0",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": "http://www.opengis.net/wcs/2.0 http://schemas.opengis.net/wcs/2.0/wcsAll.xsd",
}
_MISSING: Final = "http://www.opengis.net/def/nil/OGC/0/missing"


def bounded_by(grid: Grid, reference: Reference) -> str:
    """gml:boundedBy: the outer edges of the cells."""
    west, south, east, north = grid.bounds
    corners = (("gml:lowerCorner", west, south), ("gml:upperCorner", east, north))
    inner = "".join(leaf(tag, " ".join(map(number, ordered_pair(reference, x, y)))) for tag, x, y in corners)
    attributes = {
        "srsName": reference.uri,
        "axisLabels": " ".join(axis_labels(reference)),
        "uomLabels": unit_labels(reference),
        "srsDimension": 2,
    }
    return element("gml:boundedBy", element("gml:Envelope", inner, attributes))


def domain_set(grid: Grid, reference: Reference, name: str) -> str:
    """gml:domainSet: the grid, its origin the centre of the upper left cell."""
    a, _, west, _, e, north = grid.transform
    limits = leaf("gml:low", "0 0") + leaf("gml:high", f"{grid.width - 1} {grid.height - 1}")
    origin = " ".join(map(number, ordered_pair(reference, west + a / 2, north + e / 2)))
    vectors = (ordered_pair(reference, a, 0.0), ordered_pair(reference, 0.0, e))
    srs = {"srsName": reference.uri}
    inner = (
        element("gml:limits", element("gml:GridEnvelope", limits))
        + leaf("gml:axisLabels", " ".join(axis_labels(reference)))
        + element("gml:origin", element("gml:Point", leaf("gml:pos", origin), {"gml:id": f"origin-{name}"} | srs))
        + "".join(leaf("gml:offsetVector", " ".join(map(number, vector)), srs) for vector in vectors)
    )
    return element("gml:domainSet", element("gml:RectifiedGrid", inner, {"gml:id": f"grid-{name}", "dimension": 2}))


def range_type(coverage: Coverage, fields: Sequence[str] | None = None) -> str:
    """gmlcov:rangeType: the bands with their unit and no-data value."""
    variable = coverage.layer.variable
    title = text_in(variable.title) or variable.id
    nil = ""
    if variable.nodata is not None and math.isfinite(variable.nodata):
        value = leaf("swe:nilValue", number(variable.nodata), {"reason": _MISSING})
        nil = element("swe:nilValues", element("swe:NilValues", value))
    quantity = element(
        "swe:Quantity", leaf("swe:description", title) + nil + element("swe:uom", "", {"code": variable.unit or "1"})
    )
    names = coverage.fields if fields is None else fields
    record = "".join(element("swe:field", quantity, {"name": name}) for name in names)
    return element("gmlcov:rangeType", element("swe:DataRecord", record))


def document(
    coverage: Coverage,
    grid: Grid,
    reference: Reference,
    fields: Sequence[str],
    values: NDArray[np.floating] | str,
) -> str:
    """A gmlcov:RectifiedGridCoverage.

    Args:
        coverage: What it is a part of.
        grid: Its cells.
        reference: Its CRS.
        fields: Names of its bands.
        values: Physical values (band, row, column), NaN for no data; or the reference to a part that holds them.
    """
    if isinstance(values, str):
        block = element(
            "gml:File",
            element("gml:rangeParameters", attributes={"xlink:href": values})
            + leaf("gml:fileReference", values)
            + element("gml:fileStructure")
            + leaf("gml:mimeType", "image/tiff"),
        )
    else:
        tuples = np.moveaxis(values, 0, -1).reshape(-1, len(values))
        text = " ".join(",".join("NaN" if np.isnan(v) else f"{v:.9g}" for v in cell) for cell in tuples)
        block = element(
            "gml:DataBlock", element("gml:rangeParameters") + leaf("gml:tupleList", text, {"ts": " ", "cs": ","})
        )
    inner = (
        bounded_by(grid, reference)
        + domain_set(grid, reference, coverage.id)
        + element("gml:rangeSet", block)
        + range_type(coverage, fields)
    )
    return DECLARATION + element("gmlcov:RectifiedGridCoverage", inner, SPACES | {"gml:id": coverage.id})
