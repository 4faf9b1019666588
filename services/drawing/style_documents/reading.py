"""Styles that people bring, read: SLD 1.0 and 1.1 with a RasterSymbolizer, and QML of QGIS.

What a style says beyond colours of values is not silently left out: `notes` names it. A document without usable colours
is refused. Nothing that a document names is fetched, and no entity is resolved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from config.errors import SourceRefused
from records.datasets.models import Style
from services.drawing.imported import MAX_STOPS
from services.drawing.style_documents.qml_reading import read_qml
from services.drawing.style_documents.sld_reading import read_sld

if TYPE_CHECKING:
    from records.datasets.models import StyleStop, Variable
    from services.drawing.style_documents.imported_style import ImportedStyle

MAX_BYTES: Final = 2_000_000
_FORMS: Final = "QML of QGIS, SLD 1.0 and SLD 1.1"
_RAMP: Final = 2
"""Fewest colours of a ramp."""


def read_style(data: bytes, name: str) -> ImportedStyle:
    """Read a style document; raises SourceRefused, saying why.

    Args:
        data: The bytes of the file.
        name: What messages call it.
    """
    root = _root(data, name)
    local = etree.QName(root).localname
    if local == "qgis":
        style = read_qml(root, name)
    elif local == "StyledLayerDescriptor":
        style = read_sld(root, name)
    else:
        raise SourceRefused(name, f"its root element is {local[:60]!r}", f"{_FORMS} can be imported")
    style.stops = _checked(style)
    return style


def style_from(read: ImportedStyle, variable: Variable, *, style_id: str, title: str | None) -> Style:
    """The style of a variable; raises SourceRefused for one that cannot have it."""
    if variable.kind == "rgb":
        raise SourceRefused(read.name, f"variable {variable.id} is true colour", "choose a variable with values")
    if variable.kind == "categorical" and read.shading != "values":
        raise SourceRefused(
            read.name, f"variable {variable.id} holds classes", "import a palette of single values (paletted, values)"
        )
    shown = title or read.title or style_id
    plain = Style(id=style_id, title={"en": shown, "zh": shown}, stops=tuple(read.stops), shading=read.shading)
    return plain if read.shading == "values" else replace(plain, range=_ends(read.stops))


def _ends(stops: list[StyleStop]) -> tuple[float, float]:
    """The least and the greatest finite value; of one alone, a range about it."""
    finite = [stop.value for stop in stops if stop.value not in (float("inf"), float("-inf"))]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _checked(style: ImportedStyle) -> list[StyleStop]:
    """The stops by rising value, with the opacity of the whole; raises SourceRefused."""
    name, stops = style.name, sorted(style.stops, key=lambda stop: stop.value)
    fewest = _RAMP if style.shading == "ramp" else 1
    if not fewest <= len(stops) <= MAX_STOPS:
        raise SourceRefused(name, f"it has {len(stops)} colours", f"{fewest} to {MAX_STOPS} are possible")
    values = [stop.value for stop in stops]
    if len(set(values)) < len(values):
        if style.shading != "ramp":
            raise SourceRefused(name, "two colours stand at one value", "leave one of them out")
        style.unknown("where two colours of a ramp stand at one value, the later one is taken")
        stops = list({stop.value: stop for stop in stops}.values())
    if style.shading != "intervals" and any(value in (float("inf"), float("-inf")) for value in values):
        raise SourceRefused(name, "a colour stands at infinity", "give it a number")
    if style.shading == "values" and not all(value.is_integer() and abs(value) < 2**53 for value in values):
        raise SourceRefused(name, "a single value is no whole number", "use intervals")
    return [replace(stop, color=(*stop.color[:3], round(stop.color[3] * style.opacity))) for stop in stops]


def _root(data: bytes, name: str) -> Any:
    """The root element, of bounded size, without entities; raises SourceRefused."""
    if len(data) > MAX_BYTES:
        raise SourceRefused(name, f"{len(data)} bytes are more than {MAX_BYTES}", "styles are smaller")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceRefused(name, "it is not in UTF-8", "save it in UTF-8") from error
    if "<!ENTITY" in text or "\0" in text:  # QML has a document type, but no entities of its own
        raise SourceRefused(name, "it declares entities, which may be an attack", "remove them")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, dtd_validation=False, no_network=True, huge_tree=False
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceRefused(name, f"it is no XML: {str(error)[:200]}", f"{_FORMS} can be imported") from error
