"""The whole catalogue: every public record in the order of ids, a batch in memory at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from records.documents.data_links import no_data_links
from records.documents.presentation import record_url, rfc3339, served
from records.search import search

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from records.datasets.models import Dataset
    from records.documents.data_links import DataLinker
    from records.search.search import Found

BATCH: Final = 100
"""Records read at once; each has at most a megabyte."""


def walk(engine: Engine, *, after: str = "", most: int | None = None) -> Iterator[Found]:
    """The public records behind an id, `most` of them; no connection is held between batches."""
    left = most
    while left is None or left > 0:
        batch = search.following(engine, after, limit=BATCH if left is None else min(BATCH, left))
        yield from batch
        if not batch:
            return
        after = batch[-1].document["id"]
        left = None if left is None else left - len(batch)


def lines(
    engine: Engine,
    *,
    base_url: str,
    is_readable: Callable[[Dataset | None], bool],
    link_data: DataLinker = no_data_links,
) -> Iterator[bytes]:
    """Each public record as a line of JSON (NDJSON): the stored document in all languages, with its served links.

    Args:
        engine: Of the catalogue.
        base_url: Of the links to this server.
        is_readable: Whether the data of a record's dataset is served, and so linked; None is a record without data.
        link_data: Links the services over the data.
    """
    for record in walk(engine):
        yield orjson.dumps(_document(record, base_url, is_readable, link_data)) + b"\n"


def _document(
    record: Found, base_url: str, is_readable: Callable[[Dataset | None], bool], link_data: DataLinker
) -> dict[str, Any]:
    feature = served(
        record.document,
        "en",
        base_url=base_url,
        created=record.created,
        updated=record.updated,
        dataset=record.dataset,
        readable=is_readable(record.dataset),
        link_data=link_data,
    )
    members = {name: feature["properties"][name] for name in _SERVED if name in feature["properties"]}
    document = {
        **record.document,
        "time": feature["time"],
        "properties": {**record.document["properties"], **members},
        "links": feature["links"],
    }
    return document | ({"linkTemplates": feature["linkTemplates"]} if "linkTemplates" in feature else {})


_SERVED: Final = ("created", "updated", "attribution", "access")


def addresses(engine: Engine, *, base_url: str, after: str, most: int) -> Iterator[tuple[str, str]]:
    """(URL of the page, time of the last change) of the public records behind an id, `most` of them."""
    while most > 0:
        batch = search.changes(engine, after, limit=min(_ADDRESSES, most))
        if not batch:
            return
        for record_id, updated in batch:
            yield f"{record_url(base_url, record_id)}?f=html", rfc3339(updated)
        after, most = batch[-1][0], most - len(batch)


_ADDRESSES: Final = 5_000
