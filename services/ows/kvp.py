"""Requests as keywords and values (OGC 06-121r9, 11.5): names in any case; of a repeated keyword the first counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from config.boxes import parse_number
from config.errors import InvalidParameter
from services.ows.faults import OwsFault, invalid, missing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

MAX_VALUE: Final = 50_000
"""Characters of a value."""
MAX_KEYWORDS: Final = 200
_DIGITS: Final = 10


class Keywords:
    """The parameters of a request by their names in lower case; unknown ones are ignored (OGC 06-042, 6.8.1).

    Args:
        values: The values of each name, in the order given.
    """

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = values

    @classmethod
    def of(cls, items: Iterable[tuple[str, str]]) -> Self:
        """Read a query; raises OwsFault for more than a request can need."""
        values: dict[str, list[str]] = {}
        for number, (name, value) in enumerate(items):
            if number >= MAX_KEYWORDS:
                raise OwsFault("NoApplicableCode", "", f"a request has at most {MAX_KEYWORDS} parameters")
            if len(value) > MAX_VALUE or "\x00" in value:
                raise invalid(name[:50], value, f"give at most {MAX_VALUE} characters, without U+0000")
            values.setdefault(name.lower(), []).append(value)
        return cls(values)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._values

    def all(self, name: str) -> list[str]:
        """Every value of a repeatable keyword."""
        return list(self._values.get(name.lower(), ()))

    def text(self, name: str, default: str = "") -> str:
        """The first value of a keyword without blanks around it, or a default if it is absent or empty."""
        return next(iter(self._values.get(name.lower(), ())), "").strip() or default

    def required(self, name: str) -> str:
        """A value that must be there; raises OwsFault (MissingParameterValue) with the name as its locator."""
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def words(self, name: str) -> list[str]:
        """The parts of a comma-separated value, empty ones included; none if the keyword is absent or empty."""
        text = self.text(name)
        return [part.strip() for part in text.split(",")] if text else []

    def choice[T](self, name: str, choices: Mapping[str, T]) -> T:
        """The meaning of a required value with a few choices, case ignored; raises OwsFault."""
        value = self.required(name)
        by_name = {key.lower(): meaning for key, meaning in choices.items()}
        if value.lower() not in by_name:
            raise invalid(name, value, f"there are {', '.join(choices)}")
        return by_name[value.lower()]

    def integer(self, name: str) -> int:
        """A required whole number, which may be negative; raises OwsFault."""
        value = self.required(name)
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= _DIGITS):
            raise invalid(name, value, "give a whole number")
        return int(value)

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        """A required list of finite numbers; raises OwsFault."""
        parts = self.required(name).split(",")
        try:
            numbers = tuple(parse_number(part, name=name) for part in parts)
        except InvalidParameter as error:
            raise OwsFault("InvalidParameterValue", name, error.detail) from error
        if len(numbers) != count:
            raise invalid(name, ",".join(parts), f"{count} numbers are needed")
        return numbers

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Whether a keyword says TRUE; raises OwsFault for what is neither TRUE nor FALSE."""
        value = self.text(name, "TRUE" if default else "FALSE").upper()
        if value not in ("TRUE", "FALSE"):
            raise invalid(name, value, "write TRUE or FALSE")
        return value == "TRUE"

    def others(self, names: Collection[str]) -> list[tuple[str, str]]:
        """(name, first value) of the keywords beside some."""
        left_out = {name.lower() for name in names}
        return [(name, values[0]) for name, values in self._values.items() if name not in left_out]
