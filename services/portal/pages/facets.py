"""Facets of found records (OGC 25-013, draft) as links that choose and drop a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from records.search.conditions import LISTS

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value of a facet.

    Attributes:
        label: The value, or the title of the concept that it stands for.
        count: Records that have it.
        value: What the parameter becomes when it is clicked: with the value, or without it if it is chosen. Where a
            parameter takes one value alone, the value instead of that which is chosen.
        chosen: Whether the search is restricted to it.
    """

    label: str
    count: int
    value: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class FacetView:
    """A property that found records can be narrowed by; `estimated` says that its counts are."""

    name: str
    parameter: str
    choices: tuple[Choice, ...]
    estimated: bool


def facets(
    document: Mapping[str, Any], query: Mapping[str, str], titles: Mapping[str, str] | None = None
) -> tuple[FacetView, ...]:
    """The facets of a page of records by which they can be narrowed; `query` is that of the page.

    `titles` are those of the concepts of themes, by their ids.
    """
    members, matched = document.get("facets") or {}, document.get("numberMatched")
    every = (_facet(name, member, query, titles or {}) for name, member in members.items() if isinstance(member, dict))
    return tuple(facet for facet in every if _narrows(facet, matched))


def _narrows(facet: FacetView, matched: object) -> bool:
    """Whether a click changes what is found: not one of a single value that every record has and nobody chose."""
    if len(facet.choices) != 1:
        return bool(facet.choices)
    (choice,) = facet.choices
    return choice.chosen or not isinstance(matched, int) or choice.count < matched


def _facet(name: str, member: dict[str, Any], query: Mapping[str, str], titles: Mapping[str, str]) -> FacetView:
    parameter = str(member.get("property", name))
    is_list = parameter in LISTS
    text = query.get(parameter, "")
    values = [value for part in (text.split(",") if is_list else [text]) if (value := part.strip())]
    labels = titles if parameter == "themes" else {}
    choices = [_choice(bucket, values, labels, is_list=is_list) for bucket in member.get("buckets", ())]
    visible = [choice for choice in choices if choice is not None]
    if parameter == "year":  # those of the most records, in the order of time
        visible.sort(key=lambda choice: choice.label, reverse=True)
    return FacetView(
        name=name,
        parameter=parameter,
        choices=tuple(visible),
        estimated=bool(member.get("estimated")),
    )


def _choice(bucket: dict[str, Any], values: list[str], labels: Mapping[str, str], *, is_list: bool) -> Choice | None:
    """A choice, or None for a value that no list can name."""
    value = str(bucket.get("value", ""))
    if not value or (is_list and "," in value):
        return None
    is_chosen = value in values
    others = [other for other in values if other != value and is_list]
    return Choice(
        label=labels.get(value, value),
        count=int(bucket.get("count", 0)),
        value=",".join(others if is_chosen else [*others, value]),
        chosen=is_chosen,
    )
