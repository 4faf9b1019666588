"""The granules that go because their source file is no longer there, or holds something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import Conflict
from services.ingest.models import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from records.datasets.models import Granule
    from records.datasets.repository import Repository
    from services.ingest.reading.source_digest import SourceContent


def withdrawn_granules(
    repository: Repository, dataset_id: str, *, contents: Sequence[SourceContent], gone: Collection[Path]
) -> list[Granule]:
    """The granules of files that are gone, and those that files gave before they had their present content.

    Granules of a file that is there and cannot be read are none of them: they stay until it is whole.
    """
    keys = {shown(content.path): content.key for content in contents}
    paths = [*keys, *(shown(path) for path in gone)]
    granules = repository.granules_of_paths(dataset_id, paths)
    return [granule for granule in granules if granule.provenance.get("key") != keys.get(granule.source_path)]


def require_rest(dataset_id: str, rest: int) -> None:
    """Raise Conflict where no granule would be left: an empty folder may be a disk that is not there."""
    if not rest:
        cause = f"every file of {dataset_id} is gone, and a dataset is not emptied: its disk may be away"
        raise Conflict(f"{cause}; put files back, or use `graticule datasets remove {dataset_id}`")
