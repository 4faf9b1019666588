"""What an ingest would do, without doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.ingest import reports
from services.ingest.models import IngestReport, Listener, silent
from services.ingest.planning import disk_space as room
from services.ingest.planning.layout import Planner, order_of
from services.ingest.workers import Workers, pool_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cog.convert.profiles import ProfileName
    from config.declarations.datasets import DatasetDeclaration
    from records.datasets.repository import Repository


def rehearse(
    paths: Sequence[Path],
    declaration: DatasetDeclaration,
    *,
    repository: Repository | None,
    store: Path,
    dataset_id: str | None = None,
    profile: ProfileName = "zstd",
    replace: bool = False,
    skip_bad: bool = False,
    roots: Sequence[Path] = (),
    workers: Workers | int | None = None,
    listener: Listener = silent,
) -> tuple[IngestReport, int]:
    """Report what `ingest` would do, and about how many bytes of disk it would take; writes and locks nothing.

    Without a repository nothing is published yet.
    """
    order = order_of(paths, declaration, dataset_id, profile=profile, replace=replace, skip_bad=skip_bad, roots=roots)
    planner = Planner(order, repository=repository, store=store, listener=listener)
    with pool_of(workers) as pool:
        plan = planner.plan(pool, store)
        need = 0 if profile == "in-place" else room.needed_bytes(plan.pieces, pool.count)
    if plan.refused and not skip_bad:
        return reports.refusal(order.id, order.sources, plan.refused), 0
    sizes = room.estimated_sizes(plan.pieces)
    if profile == "in-place":
        sizes = {piece.target: piece.source.size for piece in plan.pieces}
    report = reports.report(
        order.id,
        plan.contents,
        plan.pieces,
        before=plan.before,
        after=(),
        refused=plan.refused,
        sources=order.sources,
        unusable=plan.unusable,
        size=lambda piece: sizes[piece.target],
        rehearsed=True,
    )
    return report, need
