"""A style in the languages of other programs, each at a path of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from services.access.visit import VisitDep
from services.apis.styles.stylesheets import ENCODINGS, StyleSubject, stylesheet
from services.drawing.styles import style_of
from services.parameters.granules import StyleId
from services.web.parameters import KNOWN, LanguageDep

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.apis.styles.stylesheets import StyleEncoding

router = APIRouter(tags=["Styles"], dependencies=[KNOWN])

_STYLE: Final = "/collections/{collectionId}/styles/{styleId}"
_OPERATIONS: Final = {"sld": "getSld", "sld11": "getSld11", "qml": "getQml", "maplibre": "getMapLibre"}
_DESCRIPTIONS: Final = {
    "sld": "The style as SLD 1.0.0 (OGC 02-070).",
    "sld11": "The style as SLD 1.1.0 with Symbology Encoding (OGC 05-078r4).",
    "qml": "The style for the files of the variable in QGIS: Properties, Style, Load style.",
    "maplibre": "A MapLibre style (version 8) that shows the tiles of the variable in this style.",
}
_VariableQuery = Annotated[str | None, Query(max_length=200, description="A variable; absent: the first.")]


def _route(encoding: StyleEncoding) -> Callable[..., Response]:
    def get(visit: VisitDep, styleId: StyleId, language: LanguageDep, variable: _VariableQuery = None) -> Response:
        dataset = visit.describable()
        described = dataset.variable(variable)
        subject = StyleSubject(dataset=dataset, variable=described, style=style_of(described, styleId))
        return stylesheet(visit.context, visit.principal, subject, encoding, language)

    return get


for _encoding in ENCODINGS.values():
    router.add_api_route(
        f"{_STYLE}/{_encoding.name}",
        _route(_encoding),
        operation_id=f".collection.style.{_OPERATIONS[_encoding.name]}",
        summary=_DESCRIPTIONS[_encoding.name],
        response_class=Response,
    )
