"""Metadata records made for a test, and put into the catalogue without a dataset."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from records.database.engine import driver_url
from records.database.orm import RecordRow
from records.documents.documents import box_geometry, searchable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.support.database import Server


def document(
    record_id: str,
    en: str = "A record",
    *,
    zh: str | None = None,
    box: tuple[float, float, float, float] | None = None,
    interval: tuple[str, str] | None = None,
    links: tuple[dict[str, Any], ...] = (),
    **properties: object,
) -> dict[str, Any]:
    """A stored record; `box` is (west, south, east, north), west > east across the antimeridian."""
    title = {"en": en} | ({"zh": zh} if zh else {})
    return {
        "id": record_id,
        "type": "Feature",
        "geometry": box_geometry(*box) if box else None,
        "time": {"interval": list(interval)} if interval else None,
        "properties": {"type": "dataset", "title": title} | properties,
        "links": list(links),
    }


def add(engine: Engine, *documents: dict[str, Any]) -> None:
    """Put records into the catalogue."""
    with Session(engine) as session, session.begin():
        for stored in documents:
            session.execute(insert(RecordRow).values(**searchable(stored)))


@contextmanager
def catalogue(server: Server, *documents: dict[str, Any]) -> Iterator[Engine]:
    """A database of these records, for tests that only read them."""
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        add(engine, *documents)
        yield engine
        engine.dispose()
