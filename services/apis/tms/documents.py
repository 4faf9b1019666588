"""The documents of TMS 1.0.0: the services, the service with its maps, and a map with its tile sets."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from config.errors import InvalidParameter, NotFound
from config.vocabulary import PNG
from records.datasets.models import text_in
from services.drawing.tiles.extents import box_in_crs
from services.drawing.tiles.matrices import clipped, is_met, native_matrix
from services.drawing.tiles.matrix_sets import PLAIN, WEB_MERCATOR_QUAD, builtin
from services.ows.layers import layers_of
from services.ows.markup import DECLARATION, element, leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from config.settings import Settings
    from records.datasets.models import Dataset, Style
    from services.drawing.tiles.matrices import MatrixSet
    from services.ows.layer_catalogue import Axes
    from services.ows.layers import ServiceLayer
    from services.web.negotiation import Language

VERSION: Final = "1.0.0"
LATEST: Final = "latest"
_SEPARATOR: Final = "@"
_PROFILES: Final = {"EPSG:3857": "global-mercator", "OGC:CRS84": "global-geodetic"}
"""Of the specification's profiles; the first one named EPSG:900913, whose code came later."""
_ROUNDING: Final = 1e-9


@dataclass(frozen=True, kw_only=True)
class MapName:
    """The name of a map: `layer[@matrix set[@style[@time]]]`."""

    layer: str
    matrix_set: str = WEB_MERCATOR_QUAD
    style: str | None = None
    time: str = LATEST

    @classmethod
    def parse(cls, text: str) -> MapName:
        """Read a name; raises InvalidParameter."""
        layer, *rest = text.split(_SEPARATOR)
        if len(rest) > 3 or not layer or not all(rest):
            raise InvalidParameter(
                "map", text, "write layer@TileMatrixSet@style@time, of which all but layer may be left out"
            )
        matrix_set, style, time = (*rest, *("",) * (3 - len(rest)))
        return cls(layer=layer, matrix_set=matrix_set or WEB_MERCATOR_QUAD, style=style or None, time=time or LATEST)


def bottom(matrix_set: MatrixSet) -> float:
    """The y of the south edge that all matrices of a set have in common; raises NotFound for a set without one."""
    if matrix_set.is_variable:
        raise NotFound(f"{matrix_set.id} has merged tiles, which TMS cannot say; take /map/tiles")
    edges = [m.top - m.rows * m.cell * m.tile for m in matrix_set.matrices.values()]
    if not all(math.isclose(edge, edges[0], rel_tol=_ROUNDING, abs_tol=1e-6) for edge in edges):
        raise NotFound(
            f"the matrices of {matrix_set.id} have no common south edge, from which TMS counts; take /map/tiles"
        )
    return edges[0]


def services_document(settings: Settings) -> str:
    """The versions of the service."""
    href = f"{settings.base_url}/tms/{VERSION}"
    named = {"title": settings.server.title, "version": VERSION, "href": href}
    return DECLARATION + element("Services", element("TileMapService", attributes=named))


class TileMapService:
    """Writes the list of maps.

    Args:
        settings: Of the application.
        language: Of titles.
    """

    def __init__(self, settings: Settings, language: Language) -> None:
        self._settings = settings
        self._language = language

    def document(self, fragments: Iterable[str]) -> Iterator[str]:
        """Yield the document in pieces."""
        settings = self._settings
        here = f"{settings.base_url}/tms"
        yield f'{DECLARATION}<TileMapService version="{VERSION}" services="{here}">'
        yield leaf("Title", settings.server.title) + leaf("Abstract", settings.server.description) + "<TileMaps>"
        yield from fragments
        yield "</TileMaps></TileMapService>"

    def map_elements(self, dataset: Dataset, _axes: Axes) -> str:
        """The maps of a dataset: each layer in each plain set, in its default style at its latest time."""
        sets = [builtin(name) for name in PLAIN]
        return "".join(
            element(
                "TileMap",
                attributes={
                    "title": layer.title(self._language),
                    "srs": _srs(entry),
                    "profile": _profile(entry),
                    "href": f"{self._settings.base_url}/tms/{VERSION}/{layer.name}{_SEPARATOR}{entry.id}",
                },
            )
            for layer in layers_of(dataset)
            for entry in sets
            if is_met(dataset.bbox, entry)
        )


def map_document(
    settings: Settings, language: Language, name: str, layer: ServiceLayer, style: Style, entry: MatrixSet
) -> str:
    """A map: where it lies, its tiles, and a set of them for each matrix; raises NotFound as `bottom`."""
    south_edge = bottom(entry)
    first = entry.matrices[min(entry.matrices)]
    west, south, east, north = box_in_crs(clipped(layer.dataset.bbox, entry), entry.crs)
    here = f"{settings.base_url}/tms/{VERSION}/{quote(name, safe='@.:')}"
    last = max(min(entry.matrices), native_matrix(layer.variable.grid, entry))
    sets = "".join(
        element(
            "TileSet",
            attributes={
                "href": f"{here}/{number}",
                "units-per-pixel": repr(entry.matrices[number].cell),
                "order": order,
            },
        )
        for order, number in enumerate(sorted(entry.matrices))
        if number <= last
    )
    title = f"{layer.title(language)}, {text_in(style.title, language) or style.id}"
    box = {"minx": repr(west), "miny": repr(south), "maxx": repr(east), "maxy": repr(north)}
    size = {"width": first.tile, "height": first.tile, "mime-type": PNG, "extension": "png"}
    content = (
        leaf("Title", title)
        + leaf("Abstract", text_in(layer.dataset.description, language) or "")
        + leaf("SRS", _srs(entry))
        + element("BoundingBox", attributes=box)
        + element("Origin", attributes={"x": repr(first.left), "y": repr(south_edge)})
        + element("TileFormat", attributes=size)
        + element("TileSets", sets, {"profile": _profile(entry)})
    )
    attributes = {"version": VERSION, "tilemapservice": f"{settings.base_url}/tms/{VERSION}"}
    return DECLARATION + element("TileMap", content, attributes)


def _srs(entry: MatrixSet) -> str:
    """The CRS as GDAL reads it, whose coordinates TMS writes x first: degrees are EPSG:4326."""
    if entry.crs == "OGC:CRS84":
        return "EPSG:4326" if entry.code is None or entry.code[0] == "OGC" else ":".join(entry.code)
    return entry.crs


def _profile(entry: MatrixSet) -> str:
    return _PROFILES.get(entry.crs, "local") if entry.id in PLAIN else "local"
