"""Exceptions of WMS: as XML (OGC 06-042, annex E.2; 01-068r3, annex A.3), in a picture, or as a blank picture."""

from __future__ import annotations

import io
import textwrap
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw
from starlette.responses import Response

from config.errors import (
    CollectionNotFound,
    EnvironmentFault,
    GraticuleError,
    InvalidParameter,
    StyleNotFound,
    VariableNotFound,
)
from services.drawing.formats import MEDIA_TYPES, named
from services.drawing.legends.fonts import system_fonts
from services.ows.dimensions import NAMES
from services.ows.faults import OwsFault
from services.ows.markup import DECLARATION, element, text_of
from services.web.problems import status_of

if TYPE_CHECKING:
    from services.ows.kvp import Keywords

_DTD: Final = "http://schemas.opengis.net/wms/1.1.1/exception_1_1_1.dtd"
_SCHEMA: Final = "http://www.opengis.net/ogc http://schemas.opengis.net/wms/1.3.0/exceptions_1_3_0.xsd"
_IN_PICTURE: Final = frozenset({"INIMAGE", "APPLICATION/VND.OGC.SE_INIMAGE"})
_BLANK: Final = frozenset({"BLANK", "APPLICATION/VND.OGC.SE_BLANK"})
_MAX_EDGE: Final = 4096
_DEFAULT_EDGE: Final = 256
_LETTERS: Final = 12
"""Size of the letters of a message in a picture."""


def fault(code: str, locator: str, detail: str) -> OwsFault:
    """An exception with one of the codes of WMS, or with none (an empty one)."""
    return OwsFault(code, locator, detail)


def report(error: GraticuleError, version: str) -> Response:
    """The ServiceExceptionReport of an error; faults of the environment reveal nothing of it."""
    code, locator, detail, status = _facts(error)
    attributes = {name: value for name, value in (("code", code), ("locator", locator)) if value}
    if version == "1.1.1":
        attributes.pop("locator", None)
        body = element("ServiceException", text_of(detail), attributes)
        document = f'{DECLARATION}<!DOCTYPE ServiceExceptionReport SYSTEM "{_DTD}">'
        document += element("ServiceExceptionReport", body, {"version": version})
        return Response(document, status, media_type="application/vnd.ogc.se_xml")
    root = {
        "version": "1.3.0",
        "xmlns": "http://www.opengis.net/ogc",
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": _SCHEMA,
    }
    body = element("ServiceException", text_of(detail), attributes)
    return Response(DECLARATION + element("ServiceExceptionReport", body, root), status, media_type="text/xml")


def picture_of(error: GraticuleError, keywords: Keywords) -> Response | None:
    """A picture instead of a report, if the request wants that: blank, or with the message on it."""
    exception_format = keywords.text("exceptions").upper()
    form = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}.get(
        keywords.text("format").partition(";")[0].strip().lower()
    )
    if form is None or exception_format not in _IN_PICTURE | _BLANK:
        return None
    width, height = (_edge(keywords.text(name)) for name in ("width", "height"))
    clear = keywords.text("transparent").upper() == "TRUE" and form != "jpg"
    image = Image.new("RGBA", (width, height), (255, 255, 255, 0 if clear else 255))
    if exception_format in _IN_PICTURE:
        _write(image, _facts(error)[2])
    content = io.BytesIO()
    (image if form != "jpg" else image.convert("RGB")).save(content, "JPEG" if form == "jpg" else form.upper())
    return Response(content.getvalue(), media_type=MEDIA_TYPES[named(form)], headers={"Cache-Control": "no-store"})


def _write(image: Image.Image, message: str) -> None:
    canvas, fonts = ImageDraw.Draw(image), system_fonts()
    for number, line in enumerate(textwrap.wrap(message, max(10, image.width // 7))[: image.height // 16]):
        x = 4.0
        for font, piece in fonts.runs(fonts.legible(line), _LETTERS, bold=False):
            canvas.text((x, 14 + 16 * number), piece, fill=(160, 0, 0, 255), font=font, anchor="ls")
            x += font.getlength(piece)


def _edge(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= 5
    return int(text) if is_number and 0 < int(text) <= _MAX_EDGE else _DEFAULT_EDGE


def _facts(error: GraticuleError) -> tuple[str, str, str, int]:
    """(code, locator, message, HTTP status) of an error."""
    if isinstance(error, OwsFault):
        code = (
            "" if error.code in ("InvalidParameterValue", "MissingParameterValue", "NoApplicableCode") else error.code
        )
        return code, error.locator, error.detail, error.status
    if isinstance(error, EnvironmentFault):
        return "", "", type(error)().detail, status_of(error)
    if isinstance(error, (CollectionNotFound, VariableNotFound)):
        return "LayerNotDefined", "layers", error.detail, 400
    if isinstance(error, StyleNotFound):
        return "StyleNotDefined", "styles", error.detail, 400
    if isinstance(error, InvalidParameter):
        code = "InvalidDimensionValue" if error.name in NAMES else ""
        return code, error.name, error.detail, 400
    return "", "", error.detail, status_of(error)
