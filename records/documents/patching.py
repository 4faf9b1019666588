"""Merge patches (RFC 7396) of a record, in the form that is stored or in that which GET shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.errors import Conflict
from records.documents.editable import MADE_HERE, WORDS, named_language, without_own_links
from records.documents.presentation import best_tag, in_language, served
from records.documents.record_form import require_record

if TYPE_CHECKING:
    from datetime import datetime


def patched(
    document: dict[str, Any], patch: dict[str, Any], *, language: str, base_url: str, created: datetime
) -> dict[str, Any]:
    """A stored document after a merge patch, checked; its `id` stays.

    Words that are texts are those of the language that the patch names, else of that in which GET shows the record; the
    other languages stay. Members that are as GET shows them change nothing, so that what was read may be sent back.

    Args:
        document: The stored form.
        patch: The patch: words by language tag, or texts.
        language: Language tag that the client asks for.
        base_url: Of the links to this server, which are not stored.
        created: When the record entered the catalogue.

    Raises:
        InvalidRecord: The result is no record.
        Conflict: A list in one language would replace one in several.
    """
    properties = patch.get("properties")
    named = named_language(properties) if isinstance(properties, dict) else None
    tag = named or best_tag(language, list(document["properties"]["title"]))
    shown = served(document, tag, base_url=base_url, created=created, updated=created)
    changes = _without_known(patch | without_own_links(patch, base_url), shown | without_own_links(shown, base_url))
    changes.pop("id", None)
    if isinstance(properties, dict):
        members = {name: value for name, value in properties.items() if name not in MADE_HERE}
        members = _without_known(members, shown["properties"] if named in (None, tag) else {})
        for name in members:
            _require_one_language(name, members[name], document["properties"].get(name))
        words = {n: {tag: v} for n, v in members.items() if n in WORDS and isinstance(v, str | list)}
        changes["properties"] = members | words
    merged: dict[str, Any] = merge_patch(document, changes)
    require_record(merged)
    return merged


def merge_patch(target: Any, patch: Any) -> Any:
    """The result of a JSON merge patch (RFC 7396, 2): null removes a member, lists are replaced whole."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _without_known(members: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """The members that are not as they are shown; null stays, since it removes."""
    return {name: value for name, value in members.items() if value is None or shown.get(name) != value}


def _require_one_language(name: str, value: object, before: object) -> None:
    """Raise Conflict if a list without languages would replace one that has words in several."""
    if name in WORDS or not isinstance(value, list):
        return
    if in_language(value, "") == value and in_language(before, "") != before:
        raise Conflict(
            f"/properties/{name}: the record has words by language there, which this list would drop; "
            "send the list as ?f=stored answers it"
        )
