"""Damaged files of the store, made again from the sources that they were made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.declarations.datasets import DatasetDeclaration
from config.errors import GraticuleError
from records.datasets.mosaic_overviews import overviews_of
from services.ingest.models import SourceStatus
from services.ingest.mosaics.rebuilding import rebuild
from services.ingest.pipeline import ingest
from services.ingest.store.damage import content_fault, set_aside
from services.ingest.store.verify import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cog.convert.profiles import ProfileName
    from records.datasets.models import Asset, Granule
    from records.datasets.repository import Repository


@dataclass(frozen=True, kw_only=True)
class Repair:
    """What became of one faulty file; `remedy` is empty if it has been repaired."""

    href: str
    fault: str
    remedy: str = ""


def repair(repository: Repository, store: Path, dataset_id: str, *, roots: Sequence[Path] = ()) -> Iterator[Repair]:
    """Check the files of a dataset, and ingest the sources of the faulty ones again, as they were ingested before.

    Faulty files are moved to the folder `.damaged` of the store first. Overviews across sheets are built again.
    """
    faults = {check.href: check.fault for check in verify(repository, store, dataset_id) if check.fault}
    across = [one.asset for one in overviews_of(repository.engine, dataset_id) if one.asset.href in faults]
    for asset in across:
        set_aside(store, asset)
    broken = [granule for granule in repository.granules(dataset_id) if granule.asset.href in faults]
    for granule in broken:
        set_aside(store, granule.asset)
    for (path, profile), granules in _by_source(broken).items():
        problem = _ingested(repository, store, dataset_id, path, profile, roots)
        for granule in granules:
            href = granule.asset.href
            left = content_fault(store / href, granule.asset)
            remedy = "" if left is None else problem or f"{path} gives other cells than before: ingest it again"
            yield Repair(href=href, fault=faults[href], remedy=remedy)
    yield from _overviews(repository, store, dataset_id, across, faults)


def _overviews(
    repository: Repository, store: Path, dataset_id: str, assets: Sequence[Asset], faults: Mapping[str, str]
) -> Iterator[Repair]:
    """Build faulty overviews across sheets again."""
    if not assets:
        return
    problem = ""
    try:
        rebuild(repository, store, dataset_id)
    except GraticuleError as error:
        problem = error.detail
    for asset in assets:
        yield Repair(href=asset.href, fault=faults[asset.href], remedy=problem)


def _by_source(granules: Sequence[Granule]) -> dict[tuple[Path, ProfileName], list[Granule]]:
    """Granules by the source and the profile that they were made with."""
    groups: dict[tuple[Path, ProfileName], list[Granule]] = {}
    for granule in granules:
        source = Path(granule.source_path)
        profile: ProfileName = granule.provenance.get("parameters", {}).get("profile", "zstd")
        groups.setdefault((source, profile), []).append(granule)
    return groups


def _ingested(
    repository: Repository, store: Path, dataset_id: str, source: Path, profile: ProfileName, roots: Sequence[Path]
) -> str:
    """Ingest a source again; returns why that was not possible, or nothing."""
    if not source.is_file():
        return f"its source {source} is not there; put it back, or ingest it from where it is"
    try:
        report = ingest(
            [source],
            DatasetDeclaration(),
            repository=repository,
            store=store,
            dataset_id=dataset_id,
            profile=profile,
            roots=roots,
        )
    except GraticuleError as error:
        return error.detail
    return "; ".join(outcome.reason for outcome in report.outcomes if outcome.status is SourceStatus.REFUSED)
