"""The access of a dataset in documents: the extension member `graticule:access`, and words for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.access.decision import running_embargo

if TYPE_CHECKING:
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


def access_words(dataset: Dataset) -> list[str]:
    """The access policy and a running embargo, for an operator."""
    embargo = running_embargo(dataset)
    return [dataset.access.policy, *([f"embargo until {embargo.isoformat()}"] if embargo else [])]
