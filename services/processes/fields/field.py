"""A field: a variable of a collection, or a number that holds everywhere, in the unit that a process needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cog.science.units import UNCHANGED, UnitConversion, conversion
from config.errors import InvalidInput
from services.access.guards import require_readable
from services.access.principal import ANONYMOUS
from services.selection.selection import Selection, SelectionRequest, resolve

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.datasets.models import Variable
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class ProcessField:
    """An input that is a field.

    Attributes:
        name: Id of the input.
        unit: The unit of the values after `conversion`; None where nobody states one.
        selection: What is read, at the latest time; None of a number.
        constant: The number, in `unit`; None of a collection.
        conversion: From the unit of the collection to `unit`.
    """

    name: str
    unit: str | None
    selection: Selection | None = None
    constant: float | None = None
    conversion: UnitConversion = UNCHANGED

    @property
    def words(self) -> str:
        """The field in words, for a lineage."""
        if self.selection is None:
            return f"{self.name} = {self.constant:g} {self.unit or ''}".rstrip()
        dataset, level = self.selection.dataset, "".join(f", level {each}" for each in self.selection.levels)
        level += "".join(f", member {each}" for each in self.selection.members)
        return f"{self.name}: {dataset.id} (version {dataset.version}), variable {self.selection.variable.id}{level}"

    @property
    def variable(self) -> Variable:
        """The variable of a field that is read."""
        assert self.selection is not None
        return self.selection.variable


def field_of(name: str, value: Any, context: Context, *, unit: str | None = None) -> ProcessField:
    """Resolve an input that holds a field.

    Args:
        name: Id of the input.
        value: A number, in `unit`, or an object: `collection`, perhaps `variable`, `level`, `member`, `part`, `unit`.
        context: Has the catalogue.
        unit: The unit that is needed; None: the field's own.

    Raises:
        CollectionNotFound, AccessRestricted, VariableNotFound, GranuleNotFound: There are no such data for the caller.
        InvalidInput: The variable is no quantity, or its unit is unknown, absent or that of another quantity.
    """
    if isinstance(value, int | float):
        return ProcessField(name=name, unit=unit, constant=float(value))
    dataset, _ = require_readable(context, ANONYMOUS, value["collection"])
    selection = resolve(dataset, _request(value))
    variable = selection.variable
    if variable.kind != "continuous":
        raise InvalidInput(f"{name}: variable {variable.id} of {dataset.id} holds classes or colours, not a quantity")
    own = value.get("unit") or variable.unit
    if unit is None:
        return ProcessField(name=name, unit=own, selection=selection)
    if own is None:
        raise InvalidInput(
            f'{name}: variable {variable.id} of {dataset.id} states no unit; add "unit" to the input, such as {unit!r}'
        )
    return ProcessField(name=name, unit=unit, selection=selection, conversion=conversion(own, unit, name=name))


def _request(value: Mapping[str, Any]) -> SelectionRequest:
    return SelectionRequest(
        variable=value.get("variable"), level=value.get("level"), member=value.get("member"), part=value.get("part")
    )
