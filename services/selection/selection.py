"""The meaning of a request: the one resolver from its words to granules of the catalogue.

Defaults, the same on every route:

* no variable: the first one of the dataset;
* no time: the latest time that has data at the level and part; where an answer holds every time unless the request
  limits them (OGC 19-087), every time;
* several times, where the answer shows one: the latest of them;
* data without times match every time (OGC 20-058, datetime-response);
* no level: the first one of the variable's axis; no member: the first one;
* no part: all parts of a time, as one raster.

A level, member or part that is left empty is left open.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from config.errors import InvalidInput, InvalidParameter
from config.layers import level_of, member_of
from config.times import parse_time
from services.selection.layers import layers_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.times import TimeRange
    from records.datasets.models import Dataset, Variable

DefaultTimes = Literal["latest", "all"]
"""What a request without a time means."""


@dataclass(frozen=True, kw_only=True)
class SelectionRequest:
    """The words of a request that choose granules, their syntax checked.

    Attributes:
        variable: Id of the variable; None: the first one.
        when: Times; None: left open.
        nearest: Whether the nearest time stands in for one that the data do not have.
        level: Level by label or number; None: left open, or named by `axes`.
        member: Member of an ensemble, likewise.
        axes: Axes of `subset` that are neither in space nor time: lower-case name to content, as written.
        part: The part; None: all of them.
    """

    variable: str | None = None
    when: TimeRange | None = None
    nearest: bool = False
    level: str | None = None
    member: str | None = None
    axes: Mapping[str, str] = field(default_factory=dict)
    part: str | None = None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Granules of one variable of a dataset, found by the catalogue when the selection is opened.

    Attributes:
        dataset: As the catalogue holds it.
        variable: The variable.
        times: A time or an interval, or `latest`, or `all`.
        nearest: Whether the nearest time stands in for a single one that the data do not have.
        layers: Keys of the layers (`config.layers`), in stored order: each of its levels at each of its members; none
            where the variable has neither.
        part: The part; None: all parts of a time, as one raster.
    """

    dataset: Dataset
    variable: Variable
    times: TimeRange | DefaultTimes = "latest"
    nearest: bool = False
    layers: tuple[str, ...] = ()
    part: str | None = None

    @property
    def levels(self) -> tuple[str, ...]:
        """Labels of its levels; empty where the variable has no levels."""
        return tuple(dict.fromkeys(level for key in self.layers if (level := level_of(key)) is not None))

    @property
    def members(self) -> tuple[str, ...]:
        """Labels of its members; empty where the variable has no members."""
        return tuple(dict.fromkeys(member for key in self.layers if (member := member_of(key)) is not None))

    @property
    def name(self) -> str:
        """`dataset/variable`, for messages."""
        return f"{self.dataset.id}/{self.variable.id}"

    @property
    def when(self) -> TimeRange | None:
        """The times that the request names; None where it leaves them open."""
        return None if isinstance(self.times, str) else self.times

    @property
    def is_latest(self) -> bool:
        """Whether the time is left to the server."""
        return self.times == "latest"

    @property
    def may_advance(self) -> bool:
        """Whether a later time that comes to the data may answer the same request tomorrow.

        So it may where the latest time is meant, or the latest in an interval or reduced date that goes on after it.
        """
        when, extent = self.when, self.dataset.time
        if when is None or extent is None:
            return self.is_latest
        last = parse_time(extent.last).start
        return not when.instant and (when.end is None or last is None or last < when.end)


def resolve(dataset: Dataset, request: SelectionRequest, *, default_times: DefaultTimes = "latest") -> Selection:
    """Resolve a request against a dataset that its sender may read.

    Args:
        dataset: The dataset.
        request: What the request says.
        default_times: What it means where it names no time.

    Raises:
        VariableNotFound: if the dataset has no such variable.
        GranuleNotFound: if the variable has no such level or member.
        InvalidInput: if the request names a level or member twice, or one or an axis that the variable has not.
    """
    variable = dataset.variable(request.variable)
    return Selection(
        dataset=dataset,
        variable=variable,
        times=default_times if request.when is None else request.when,
        nearest=request.nearest,
        layers=layers_of(variable, level=request.level, member=request.member, axes=request.axes),
        part=request.part or None,
    )


def resolve_all(
    dataset: Dataset,
    request: SelectionRequest,
    variables: Sequence[Variable],
    *,
    default_times: DefaultTimes = "latest",
) -> list[Selection]:
    """Resolve a request of several variables that are answered together; raises as `resolve`."""
    return [
        resolve(dataset, replace(request, variable=variable.id), default_times=default_times) for variable in variables
    ]


def variables_named(dataset: Dataset, names: Sequence[str] | None, *, parameter: str) -> list[Variable]:
    """Return the variables of those ids, each once, in their order; the first variable without names.

    Raises InvalidParameter, naming the parameter that holds the ids.
    """
    if names is None:
        return [dataset.variable()]
    by_id = {variable.id: variable for variable in dataset.variables}
    unknown = next((name for name in names if name not in by_id), None)
    if unknown is not None:
        remedy = f"collection {dataset.id} has no variable {unknown[:80]!r}; it has {', '.join(by_id)}"
        raise InvalidParameter(parameter, ",".join(names), remedy)
    return [by_id[name] for name in dict.fromkeys(names)]


def require_same_layers(selections: Sequence[Selection]) -> None:
    """Raise InvalidInput if variables that are answered together have different levels or members."""
    first = selections[0]
    other = next((selection for selection in selections if selection.layers != first.layers), None)
    if other is not None:
        raise InvalidInput(
            f"{first.variable.id} and {other.variable.id} have different levels or members; ask for each by itself"
        )
