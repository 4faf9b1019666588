"""The granules of a whole dataset in one query, as lean as reading any number of them allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.grids import Grid
from records.database.engine import translated_errors
from records.database.orm import AssetRow, DatasetRow, GranuleRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Frame:
    """What reading the cells of one granule needs: its place in the dataset, its file, and the grid of its cells."""

    variable_id: str
    time: str | None
    calendar: str | None
    key: int | None
    start_key: int | None
    end_key: int | None
    level: str | None
    part: str | None
    href: str
    sha256: str
    grid: Grid


@dataclass(frozen=True, kw_only=True)
class FrameList:
    """The granules of a dataset, and the version that the dataset had before and after they were read.

    Attributes:
        version: The version; None if the dataset changed meanwhile, so that the granules may be of two versions.
        frames: By variable, time and part.
    """

    version: int | None
    frames: list[Frame]


def frames_of(engine: Engine, dataset_id: str) -> FrameList:
    """Read the granules of a dataset. Grids that are equal are one object."""
    version = select(DatasetRow.version).where(DatasetRow.id == dataset_id)
    with translated_errors(), Session(engine) as session:
        before = session.scalar(version)
        frames = list(_frames(session, dataset_id))
    with translated_errors(), Session(engine) as session:
        after = session.scalar(version)
    return FrameList(version=before if before == after else None, frames=frames)


def _frames(session: Session, dataset_id: str) -> Iterator[Frame]:
    row = GranuleRow
    query = (
        select(
            row.variable_id,
            row.time,
            row.calendar,
            row.key,
            row.start_key,
            row.end_key,
            row.level,
            row.part,
            AssetRow.href,
            AssetRow.sha256,
            row.grid,
        )
        .join(AssetRow, AssetRow.href == row.asset_href)
        .where(row.dataset_id == dataset_id)
        .order_by(row.variable_id, row.key, row.part)
        .execution_options(yield_per=_PAGE)
    )
    grids: dict[str, Grid] = {}
    for variable_id, time, calendar, key, start, end, level, part, href, sha256, document in session.execute(query):
        text = repr(document)
        grid = grids.get(text)
        if grid is None:
            grid = grids[text] = Grid.from_json(document)
        yield Frame(
            variable_id, time or None, calendar, key, start, end, level or None, part or None, href, sha256, grid
        )
