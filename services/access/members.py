"""The access of a dataset in documents: the extension member `graticule:access`, and words for operators."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services.access.decision import running_embargo

if TYPE_CHECKING:
    from config.settings import Settings
    from records.datasets.models import Dataset
    from services.access.decision import Decision


def access_members(dataset: Dataset, decision: Decision) -> dict[str, Any]:
    """The extension member `graticule:access`: policy, embargo, whether the data is served, and why not.

    Args:
        dataset: The dataset.
        decision: Whether the principal may read its data.
    """
    access = dataset.access
    members: dict[str, Any] = {"policy": access.policy, "served": decision.allowed}
    if access.embargo_until is not None:
        members["embargoUntil"] = access.embargo_until.isoformat()
    return members if decision.allowed else members | {"reason": f"the data {decision.reason}"}


def public_view(dataset: Dataset, decision: Decision, settings: Settings) -> Dataset:
    """A dataset as it is described to a principal: minimum, maximum and the like are of the data, not about it.

    Args:
        dataset: The dataset.
        decision: Whether the principal may read its data.
        settings: Of the application; `restricted_statistics` makes them public all the same.
    """
    if decision.allowed or settings.restricted_statistics:
        return dataset
    return replace(dataset, variables=tuple(replace(variable, statistics=None) for variable in dataset.variables))


def access_words(dataset: Dataset) -> list[str]:
    """The access policy and a running embargo, for an operator."""
    embargo = running_embargo(dataset)
    return [dataset.access.policy, *([f"embargo until {embargo.isoformat()}"] if embargo else [])]
