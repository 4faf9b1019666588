"""What a style document says of the colours of values."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from config.errors import SourceRefused
from records.datasets.models import StyleStop

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLOR: Final = re.compile(r"#([0-9a-fA-F]{2})?([0-9a-fA-F]{6})")
_LONGEST: Final = 200


@dataclass(kw_only=True)
class ImportedStyle:
    """The colours of a document, collected while it is read.

    Attributes:
        name: What messages call the document.
        title: Its own title, or None.
        shading: What lies between two stops; see `records.datasets.models.Style`.
        stops: The colours.
        opacity: 0 to 1: of all colours together.
        notes: What was not understood, each a sentence.
    """

    name: str
    title: str | None = None
    shading: Literal["ramp", "intervals", "values"] = "ramp"
    stops: list[StyleStop] = field(default_factory=list)
    opacity: float = 1.0
    notes: list[str] = field(default_factory=list)

    def add(self, value: str, color: str, *, alpha: float = 1.0, label: str = "") -> None:
        """Add a colour as it is written; raises SourceRefused."""
        number = self.number(value, "a value", infinite=True)
        match = _COLOR.fullmatch(color.strip())
        if match is None:
            raise SourceRefused(self.name, f"colour {color[:40]!r} is not #rrggbb", "write it in hexadecimal digits")
        red, green, blue = bytes.fromhex(match[2])
        share = alpha * (int(match[1], 16) / 255 if match[1] else 1.0)
        self.stops.append(
            StyleStop(value=number, color=(red, green, blue, round(255 * share)), label=label.strip()[:_LONGEST])
        )

    def number(self, text: str | None, what: str, *, infinite: bool = False) -> float:
        """A number as it is written; raises SourceRefused."""
        try:
            number = float((text or "").strip())
        except ValueError:
            number = math.nan
        if math.isnan(number) or (math.isinf(number) and not (infinite and number > 0)):
            raise SourceRefused(self.name, f"{what} is {(text or '')[:40]!r}, which is no number", "repair the file")
        return number

    def share(self, text: str | None, what: str, *, whole: float = 1.0) -> float:
        """An opacity of 0 to 1; raises SourceRefused."""
        number = self.number(text, what) / whole
        if not 0 <= number <= 1:
            raise SourceRefused(self.name, f"{what} is {text}, outside 0 to {whole:g}", "repair the file")
        return number

    def unknown(self, what: str) -> None:
        """Note something that is not understood, once."""
        if what not in self.notes:
            self.notes.append(what)

    def expect(self, attributes: Mapping[str, Any], defaults: Mapping[str, set[str]]) -> None:
        """Note attributes whose values change the picture, and are not those that mean nothing."""
        for name, plain in defaults.items():
            value = attributes.get(name)
            if value is not None and value not in plain:
                self.unknown(f"{name}={value[:40]!r} is not understood")
