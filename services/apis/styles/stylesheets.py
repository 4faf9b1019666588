"""The encodings of a style: QML, SLD 1.0, SLD 1.1 and MapLibre (version 8)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import orjson
from starlette.responses import Response

from records.datasets.models import text_in
from services.access.guards import require_readable
from services.apis.styles.titles import TITLES
from services.drawing.style_documents.qml import qml
from services.drawing.style_documents.se import sld11
from services.drawing.style_documents.sld import sld
from services.drawing.tiles import matrices
from services.drawing.tiles.matrix_sets import web_mercator_quad
from services.web import attribution
from services.web.links import Link, link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.datasets.models import Dataset, Style, Variable
    from services.access.principal import Principal
    from services.web.context import Context
    from services.web.negotiation import Language

SLD: Final = "application/vnd.ogc.sld+xml"
SLD10: Final = f"{SLD};version=1.0"
SLD11: Final = f"{SLD};version=1.1"
QML: Final = "application/vnd.qgis.style+xml"
MAPLIBRE: Final = "application/vnd.mapbox.style+json"
_TILE: Final = 256
_SLD_VERSIONS: Final = "https://www.ogc.org/standards/sld"


@dataclass(frozen=True, kw_only=True)
class StyleEncoding:
    """A language of styles.

    Attributes:
        name: Value of `f`, and the last part of the path that is its own.
        media_type: Media type of the style.
        ending: Of its file; None: it is not offered as a file.
        version: Version of the specification.
        specification: Where that is.
        title: Key of its title.
    """

    name: str
    media_type: str
    ending: str | None
    version: str
    specification: str
    title: str


ENCODINGS: Final[Mapping[str, StyleEncoding]] = {
    entry.name: entry
    for entry in (
        StyleEncoding(
            name="sld",
            media_type=SLD10,
            ending="sld",
            version="1.0",
            specification=_SLD_VERSIONS,
            title="sld",
        ),
        StyleEncoding(
            name="sld11",
            media_type=SLD11,
            ending="sld",
            version="1.1",
            specification=_SLD_VERSIONS,
            title="sld11",
        ),
        StyleEncoding(
            name="qml",
            media_type=QML,
            ending="qml",
            version="3.22",
            specification="https://docs.qgis.org/latest/en/docs/user_manual/appendices/qgis_file_formats.html",
            title="qml",
        ),
        StyleEncoding(
            name="maplibre",
            media_type=MAPLIBRE,
            ending=None,
            version="8",
            specification="https://maplibre.org/maplibre-style-spec/",
            title="maplibre",
        ),
    )
}
_BY_TYPE: Final = {entry.media_type: entry for entry in ENCODINGS.values()}


@dataclass(frozen=True, kw_only=True)
class StyleSubject:
    """A style of a variable of a dataset."""

    dataset: Dataset
    variable: Variable
    style: Style

    @property
    def id(self) -> str:
        """Its name among the styles of all collections."""
        return f"{self.dataset.id}.{self.variable.id}.{self.style.id}"

    def url(self, base_url: str) -> str:
        """The address of the style without its query."""
        return f"{base_url}/collections/{self.dataset.id}/styles/{quote(self.style.id, safe='')}"


def stylesheet(
    context: Context, principal: Principal, subject: StyleSubject, encoding: StyleEncoding, language: Language
) -> Response:
    """The style in an encoding; raises AccessRestricted for one that links to data which may not be read."""
    if encoding.media_type == MAPLIBRE:
        _, decision = require_readable(context, principal, subject.dataset.id)
        caching = {} if decision.cacheable else {"Cache-Control": "private, no-store"}
        headers = {"Vary": "Accept, Accept-Language", "Content-Language": language, **caching}
        return Response(orjson.dumps(_maplibre(context, subject, language)), media_type=MAPLIBRE, headers=headers)
    variable, style = subject.variable, subject.style
    layer = f"{subject.dataset.id}.{variable.id}"
    if encoding.media_type == QML:
        content = qml(variable, style, language)
    else:
        content = (sld if encoding.media_type == SLD10 else sld11)(layer, variable, style, language)
    headers = {
        "Content-Disposition": f'attachment; filename="{variable.id}-{quote(style.id)}.{encoding.ending}"',
        "Vary": "Accept, Accept-Language",
        "Content-Language": language,
        "Cache-Control": "public, max-age=60",
    }
    return Response(content, headers={**headers, "Content-Type": encoding.media_type})


def stylesheet_links(base_url: str, subject: StyleSubject, *, readable: bool) -> list[Link]:
    """Links to a style in each encoding; those that need data only if it may be read."""
    own = f"?variable={subject.variable.id}"
    return [
        link(
            "stylesheet",
            f"{subject.url(base_url)}/{entry.name}{own}",
            entry.media_type,
            title=TITLES.phrase(entry.title),
        )
        for entry in ENCODINGS.values()
        if readable or entry.media_type != MAPLIBRE
    ]


def metadata(base_url: str, subject: StyleSubject, language: Language, *, readable: bool) -> dict[str, Any]:
    """What there is to know of a style (OGC 20-009, 7.8): its encodings, and the layer that it is made for."""
    dataset, variable, style = subject.dataset, subject.variable, subject.style
    links = stylesheet_links(base_url, subject, readable=readable)
    layer: dict[str, Any] = {
        "id": f"{dataset.id}.{variable.id}",
        "type": "raster",
        "description": text_in(variable.title, language) or variable.id,
    }
    if readable:
        layer["sampleData"] = {
            "rel": "data",
            "href": f"{base_url}/collections/{dataset.id}",
            "type": "application/json",
        }
    return {
        "id": style.id,
        "title": text_in(style.title, language) or style.id,
        "description": text_in(dataset.title, language) or dataset.id,
        "scope": "style",
        "updated": dataset.updated.isoformat().replace("+00:00", "Z"),
        **({"attribution": dataset.attribution} if dataset.attribution else {}),
        "stylesheets": [
            {
                "title": entry["title"],
                "version": _BY_TYPE[entry["type"]].version,
                "specification": _BY_TYPE[entry["type"]].specification,
                "native": False,
                "link": entry,
            }
            for entry in links
        ],
        "layers": [layer],
    }


def _maplibre(context: Context, subject: StyleSubject, language: Language) -> dict[str, Any]:
    """A MapLibre style that shows the tiles of the variable."""
    base_url, dataset, variable, style = context.settings.base_url, subject.dataset, subject.variable, subject.style
    west, south, east, north = matrices.clipped(dataset.bbox, web_mercator_quad())
    name = f"{dataset.id}.{variable.id}"
    tiles = f"{base_url}/xyz/{dataset.id}/{variable.id}/{quote(style.id, safe='')}/latest/{{z}}/{{x}}/{{y}}.png"
    return {
        "version": 8,
        "name": f"{text_in(dataset.title, language) or dataset.id}: {text_in(style.title, language) or style.id}",
        "center": [(west + east) / 2, (south + north) / 2],
        "sources": {
            name: {
                "type": "raster",
                "tiles": [tiles],
                "tileSize": _TILE,
                "bounds": [west, south, east, north],
                "maxzoom": matrices.native_matrix(variable.grid, web_mercator_quad()),
                "attribution": escape(attribution.line(dataset), quote=False),
            }
        },
        "layers": [{"id": name, "type": "raster", "source": name, "paint": {"raster-resampling": "nearest"}}],
    }
