"""The whole catalogue: every public record in the order of ids, a batch in memory at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from records.documents.presentation import record_url, rfc3339, served
from records.search import search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from records.datasets.models import Dataset
    from records.search.search import Found

BATCH: Final = 100
"""Records read at once; each has at most a megabyte."""


def walk(engine: Engine, *, after: str = "", most: int | None = None) -> Iterator[Found]:
    """The public records behind an id, `most` of them; no connection is held between batches."""
    left = most
    while left is None or left > 0:
        found = search.following(engine, after, limit=BATCH if left is None else min(BATCH, left))
        yield from found
        if not found:
            return
        after = found[-1].document["id"]
        left = None if left is None else left - len(found)


def lines(engine: Engine, *, base_url: str, is_readable: Callable[[Dataset], bool]) -> Iterator[bytes]:
    """Each public record as a line of JSON (NDJSON): the stored document in all languages, with its served links.

    Args:
        engine: Of the catalogue.
        base_url: Of the links to this server.
        is_readable: Whether the data of a dataset is served, and so linked.
    """
    for found in walk(engine):
        yield orjson.dumps(_document(found, base_url, is_readable)) + b"\n"


def _document(found: Found, base_url: str, is_readable: Callable[[Dataset], bool]) -> dict[str, Any]:
    dataset = found.dataset
    shown = served(
        found.document,
        "en",
        base_url=base_url,
        created=found.created,
        updated=found.updated,
        dataset=dataset,
        readable=dataset is not None and is_readable(dataset),
    )
    known = {name: shown["properties"][name] for name in _SERVED if name in shown["properties"]}
    document = {
        **found.document,
        "time": shown["time"],
        "properties": {**found.document["properties"], **known},
        "links": shown["links"],
    }
    return document | ({"linkTemplates": shown["linkTemplates"]} if "linkTemplates" in shown else {})


_SERVED: Final = ("created", "updated", "attribution", "access")


def addresses(engine: Engine, *, base_url: str, after: str, most: int) -> Iterator[tuple[str, str]]:
    """(URL of the page, time of the last change) of the public records behind an id, `most` of them."""
    while most > 0:
        found = search.changes(engine, after, limit=min(_ADDRESSES, most))
        if not found:
            return
        for record_id, updated in found:
            yield f"{record_url(base_url, record_id)}?f=html", rfc3339(updated)
        after, most = found[-1][0], most - len(found)


_ADDRESSES: Final = 5_000
