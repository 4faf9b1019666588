"""Layers: a variable of a dataset as WMS, WMTS and WCS name it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.errors import VariableNotFound
from records.datasets.models import text_in
from services.access.guards import require_readable
from services.drawing.styles import style_of

if TYPE_CHECKING:
    from records.datasets.models import Dataset, Style, Variable
    from services.access.decision import Decision
    from services.access.principal import Principal
    from services.web.context import Context

_SEPARATOR: Final = re.compile(r"[./:]")
"""Between dataset and variable; ids contain none of them. Names are written with a dot, as XML names allow."""
_LONGEST: Final = 300


@dataclass(frozen=True, kw_only=True)
class ServiceLayer:
    """A variable of a dataset."""

    dataset: Dataset
    variable: Variable

    @property
    def name(self) -> str:
        """`dataset.variable`."""
        return f"{self.dataset.id}.{self.variable.id}"

    def title(self, language: str) -> str:
        """The title of the dataset, and of the variable where there are several."""
        dataset = text_in(self.dataset.title, language) or self.dataset.id
        if len(self.dataset.variables) == 1:
            return dataset
        return f"{dataset}: {self.variable_title(language)}"

    def variable_title(self, language: str) -> str:
        """The title of the variable."""
        return text_in(self.variable.title, language) or self.variable.id

    @property
    def styles(self) -> list[Style]:
        """Its styles, complete with their ranges, the default one first."""
        first = style_of(self.variable, None)
        others = [style_of(self.variable, style.id) for style in self.variable.styles if style.id != first.id]
        return [first, *others]


def layers_of(dataset: Dataset) -> list[ServiceLayer]:
    """The layers of a dataset, in the order of its variables."""
    return [ServiceLayer(dataset=dataset, variable=variable) for variable in dataset.variables]


def readable_layer(
    context: Context, principal: Principal, name: str, *, collection_id: str | None = None
) -> tuple[ServiceLayer, Decision]:
    """The layer of a name, and the decision that its data may be read.

    Args:
        context: Has the catalogue.
        principal: Who wants to.
        name: `dataset.variable`, or the id of a dataset for its first variable.
        collection_id: The collection whose service is called; its variables are named by their ids alone, too.

    Raises CollectionNotFound, VariableNotFound or AccessRestricted.
    """
    head, *rest = _SEPARATOR.split(name[:_LONGEST], maxsplit=1)
    variable_id = rest[0] if rest else None
    if collection_id is None or (rest and head == collection_id):
        dataset, decision = require_readable(context, principal, head)
        return ServiceLayer(dataset=dataset, variable=dataset.variable(variable_id)), decision
    dataset, decision = require_readable(context, principal, collection_id)
    if rest:
        raise VariableNotFound(f"the layers here are those of collection {collection_id}, not of {head!r}")
    is_variable = any(variable.id == head for variable in dataset.variables)
    own = None if head == collection_id and not is_variable else head
    return ServiceLayer(dataset=dataset, variable=dataset.variable(own)), decision
