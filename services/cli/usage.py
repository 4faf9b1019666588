"""What commands say of values that cannot be: which were given, and what is needed, in the words of our own errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails
    from typer.exceptions import TyperException

_NEEDS: Final = {
    "bool_parsing": "yes or no is needed",
    "float_parsing": "a number is needed",
    "float_type": "a number is needed",
    "greater_than": "more than {gt:g} is needed",
    "greater_than_equal": "at least {ge:g} is needed",
    "int_from_float": "a whole number is needed",
    "int_parsing": "a whole number is needed",
    "int_parsing_size": "a smaller number is needed",
    "int_type": "a whole number is needed",
    "less_than": "less than {lt:g} is needed",
    "less_than_equal": "at most {le:g} is possible",
}
"""What is needed, by pydantic's names of its errors; values are those of its context."""
_LONGEST: Final = 80


def reworded(error: TyperException) -> TyperException:
    """An error of typer's, with what is wrong with a value in words of ours where pydantic found it."""
    if isinstance(error.__cause__, ValidationError):
        error.message = _needs(error.__cause__.errors(include_url=False)[0])
    return error


def _needs(detail: ErrorDetails) -> str:
    need = _NEEDS.get(detail["type"])
    if need is None:  # a choice of names, which typer words
        return detail["msg"].removeprefix("Value error, ").removesuffix(".")
    value = str(detail["input"])[:_LONGEST]
    return f"{need.format(**detail.get('ctx', {}))}, not {value!r}"
