"""The access decision: whether a principal may do something with a dataset, and who else may see the result.

Nothing outside this package reads the access policy and the embargo date of a dataset. Metadata is public; the data of
a dataset is public if its policy is `open` and no embargo runs; records are written by holders of a token. Hidden
datasets never get here: the catalogue does not contain them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal

from records.access.tokens import HISTORY, PUBLISH, STYLE, WRITE
from records.datasets.models import Access

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from config.settings import Settings
    from records.datasets.models import Dataset
    from services.access.principal import Principal

RecordAction = Literal["write", "list_versions", "publish", "style"]
"""Write a record, list its versions, publish what a process computed, save a style: what a token may allow."""

Action = Literal["describe", "read"] | RecordAction
"""See the metadata of a dataset, read its data, or act on its record."""

Audience = Literal["public", "restricted"]
"""Who may see a response: everybody, or only principals like the one that got it."""

SCOPES_OF_ACTIONS: Final[Mapping[RecordAction, str]] = {
    "write": WRITE,
    "list_versions": HISTORY,
    "publish": PUBLISH,
    "style": STYLE,
}
"""The scope of a token that an action needs."""

_REASONS: Final = {"login": "is served to signed-in users only", "apply": "is served on application only"}


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The answer to whether a principal may do something with a dataset.

    Attributes:
        allowed: Whether the principal may.
        reason: Why not, as a predicate ("is under embargo until 2030-01-01"); None if allowed.
        cacheable: Whether shared caches may store the response (RFC 9111, 3).
        audience: Who may see the response. Part of every cache key and entity tag.
    """

    allowed: bool
    reason: str | None
    cacheable: bool
    audience: Audience


_PUBLIC: Final = Decision(allowed=True, reason=None, cacheable=True, audience="public")
_RESTRICTED: Final = Decision(allowed=True, reason=None, cacheable=False, audience="restricted")


def decide(
    principal: Principal, dataset: Dataset | None, action: Action, settings: Settings, *, today: date | None = None
) -> Decision:
    """Decide whether a principal may do something with a dataset.

    "describe" and "read" ask no database and may be decided in the event loop.

    Args:
        principal: Who wants to.
        dataset: The dataset; None for a record without data, which can be described and written, but not read.
        action: What the principal wants to do.
        settings: Of the application; `serve_restricted` opens restricted data to every principal.
        today: The date in UTC; None for the current one. An embargo ends at 00:00 UTC on its date.
    """
    if action == "describe":
        return _PUBLIC
    if action != "read":
        return _decide_by_scope(principal, SCOPES_OF_ACTIONS[action])
    if dataset is None:
        return _refused("is not published here")
    reason = _restriction(dataset, today)
    if reason is None:
        return _PUBLIC
    return _RESTRICTED if settings.serve_restricted else _refused(reason)


def running_embargo(dataset: Dataset, today: date | None = None) -> date | None:
    """First day (UTC) on which the data may be served, if it is still to come."""
    embargo = dataset.access.embargo_until
    return embargo if embargo is not None and (today or datetime.now(UTC).date()) < embargo else None


def derived_access(datasets: Sequence[Dataset]) -> Access:
    """The access to what is computed from some datasets: as restricted as the most restricted of them."""
    policies = [dataset.access.policy for dataset in datasets]
    embargoes = [dataset.access.embargo_until for dataset in datasets if dataset.access.embargo_until is not None]
    order: list[Literal["open", "login", "apply"]] = ["apply", "login", "open"]
    policy = next(each for each in order if each in policies or each == "open")
    return Access(policy=policy, embargo_until=max(embargoes, default=None))


def _restriction(dataset: Dataset, today: date | None) -> str | None:
    """Why the data of a dataset is not public, or None if it is."""
    embargo = running_embargo(dataset, today)
    if embargo is not None:
        return f"is under embargo until {embargo.isoformat()}"
    return _REASONS.get(dataset.access.policy)


def _decide_by_scope(principal: Principal, scope: str) -> Decision:
    return _RESTRICTED if principal.has_scope(scope) else _refused(f"needs a token with the scope {scope}")


def _refused(reason: str) -> Decision:
    return Decision(allowed=False, reason=reason, cacheable=False, audience="restricted")
