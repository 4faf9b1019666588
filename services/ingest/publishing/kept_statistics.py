"""Statistics of what a dataset has already, to which those of new granules are added."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cog.cells.codec import Codec
from cog.statistics.growing import GrowingStatistics
from cog.statistics.packing import pack, unpack
from config.errors import SourceRefused
from services.ingest.counting import Counter
from services.ingest.tasks import MEASURE_ASSET
from services.ingest.workers import FileTask

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from records.datasets.models import Granule, Place
    from records.datasets.repository import Repository
    from services.ingest.models import Listener
    from services.ingest.planning.layout import IngestPlan
    from services.ingest.publishing.assembly import ConvertedPiece
    from services.ingest.workers import Workers


def statistics_before(
    repository: Repository, plan: IngestPlan, conversions: Sequence[ConvertedPiece]
) -> dict[str, GrowingStatistics] | None:
    """Statistics of the granules of each variable that gets more, where the new ones are only to be added.

    None where they are not: they take the place of others, are parts, others go, or what is there is not known.
    """
    if plan.existing is None or plan.order.replace or plan.withdrawn or not conversions:
        return None
    taken = {granule.place for granule in plan.before}
    if any(m.piece.part is not None or m.piece.place in taken for m in conversions):
        return None
    known = {variable.id for variable in plan.existing.variables}
    stored = repository.variable_summaries(plan.order.id)
    grown = known & {m.piece.variable_id for m in conversions}
    statistics = {name: GrowingStatistics.unpack(stored[name]) for name in grown if name in stored}
    whole = {name: value for name, value in statistics.items() if value is not None}
    return whole if len(whole) == len(grown) else None


def measured(
    granules: list[Granule],
    plan: IngestPlan,
    variables: set[str],
    *,
    repository: Repository,
    store: Path,
    pool: Workers,
    listener: Listener,
) -> tuple[list[Granule], dict[Place, bytes]]:
    """Statistics of kept granules of some variables; of those without any the asset is read again.

    Returns:
        The granules, with the statistics that were made now, and the statistics of each by its place.

    Raises SourceRefused where an asset cannot be read.
    """
    if not any(g.variable_id in variables for g in granules):
        return granules, {}
    summaries = {place: data for place, data in repository.summaries(plan.order.id).items() if unpack(data) is not None}
    wanting = [g for g in granules if g.variable_id in variables and g.place not in summaries]
    assert plan.existing is not None
    tasks = []
    for granule in wanting:
        variable = plan.existing.variable(granule.variable_id)
        path = store / granule.asset.href
        codec = Codec(dtype=variable.dtype, nodata=variable.nodata, scale=variable.scale, offset=variable.offset)
        tasks.append(FileTask(path=path, function=MEASURE_ASSET, arguments=(path, codec)))
    if not tasks:
        return granules, summaries
    counter = Counter(listener, plan.order.id, "measuring", len(tasks))
    results = pool.run(tasks, stop_early=True, counter=counter)
    refused = next((result for result in results if isinstance(result, SourceRefused)), None)
    if refused is not None:
        raise refused
    fresh = {g.place: pack(result) for g, result in zip(wanting, results, strict=True)}
    granules = [replace(g, summary=fresh[g.place]) if g.place in fresh else g for g in granules]
    return granules, summaries | fresh
