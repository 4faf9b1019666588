"""From converted pieces to what one commit makes visible: variables, granules, extent and record of the dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from pathlib import Path
from typing import Any

from cog.convert.convert import Converted
from cog.convert.profiles import ProfileName
from cog.sources.models import SourceVariable
from cog.statistics.packing import pack, unpack
from cog.statistics.partial import Partial
from config.datasets import DatasetDeclaration
from config.errors import SourceRefused
from config.grids import Grid
from records.datasets.footprint import bounding_box, union
from records.datasets.models import Access, Asset, Gap, Granule, Place, Publication, Variable
from services.ingest.models import shown
from services.ingest.planning import plan
from services.ingest.planning.plan import Piece
from services.ingest.publishing import describe
from services.ingest.publishing.record import completed
from services.ingest.publishing.record_matching import Joined

_ROUNDING = 1e-6
"""Parts of a cell that count as the same place."""
_MOST_NAMED = 20
"""Sources left out that a record names; of the others the count is told."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A converted piece."""

    piece: Piece
    converted: Converted


def granules_of(
    dataset_id: str, made: Sequence[Made], assets: Sequence[Asset], *, profile: ProfileName
) -> list[Granule]:
    """The granules of converted pieces whose assets are in the store."""
    counts: dict[str, int] = {}
    for m in made:
        counts[m.piece.source.key] = counts.get(m.piece.source.key, 0) + 1
    return [
        _granule(dataset_id, m, asset, counts[m.piece.source.key], profile)
        for m, asset in zip(made, assets, strict=True)
    ]


def _granule(dataset_id: str, made: Made, asset: Asset, granules: int, profile: ProfileName) -> Granule:
    piece, time = made.piece, made.piece.time
    return Granule(
        dataset_id=dataset_id,
        variable_id=piece.variable_id,
        time=time.label if time else None,
        calendar=time.calendar if time else None,
        key=time.key if time else None,
        start=time.start if time else None,
        end=time.end if time else None,
        start_key=time.start_key if time else None,
        end_key=time.end_key if time else None,
        level=piece.level,
        part=piece.part,
        asset=asset,
        grid=piece.variable.grid,
        provenance=plan.provenance(piece, granules=granules, profile=profile),
        summary=pack(made.converted.statistics),
    )


def in_order(granules: Sequence[Granule]) -> list[Granule]:
    """Granules by variable, time, level and part: what is made of them does not depend on when they were added."""
    return sorted(granules, key=lambda g: (g.variable_id, g.key or 0, g.time or "", g.level or "", g.part or ""))


def statistics_of(granules: Sequence[Granule], summaries: Mapping[Place, bytes]) -> dict[str, Partial]:
    """The statistics of each variable, from the summaries of its granules in their order."""
    found: dict[str, list[Partial]] = {}
    for granule in granules:
        known = unpack(summaries[granule.place])
        assert known is not None
        found.setdefault(granule.variable_id, []).append(known)
    return {variable: Partial.merged(partials) for variable, partials in found.items()}


def variables_of(
    made: Sequence[Made],
    published: Sequence[Variable],
    granules: Sequence[Granule],
    *,
    declaration: DatasetDeclaration,
    summaries: Mapping[Place, bytes],
) -> tuple[Variable, ...]:
    """The published variables in their order, those of new granules described anew, then new ones.

    `granules` are all of the dataset, `summaries` those of the variables that have new ones.
    """
    fresh = _fresh(made, published)
    statistics = statistics_of([g for g in granules if g.variable_id in fresh], summaries)
    order = dict.fromkeys([*(v.id for v in published), *fresh])
    untouched = {v.id: v for v in published}
    by_file = {m.piece.variable_id for m in made if declaration.names_tell and m.piece.is_named_by_file}
    found = []
    for id_ in order:
        if id_ in fresh:
            said = declaration.variable(fresh[id_].name)
            one = describe.catalogue_variable(fresh[id_], said, id_=id_, statistics=statistics[id_])
            one = replace(one, source_name=id_) if id_ in by_file else one
        else:
            one = describe.redescribed(untouched[id_], declaration.variable(untouched[id_].source_name))
        grids = [g.grid for g in granules if g.variable_id == id_ and g.part is not None]
        found.append(replace(one, grid=mosaic_grid(grids)) if grids else one)
    return tuple(found)


def _fresh(made: Sequence[Made], published: Sequence[Variable]) -> dict[str, SourceVariable]:
    """The source variables of new granules, with the levels of all of them."""
    fresh: dict[str, SourceVariable] = {}
    for m in made:
        fresh[m.piece.variable_id] = describe.with_levels_of(m.piece.variable, fresh.get(m.piece.variable_id))
    for variable in published:
        if variable.id in fresh:
            fresh[variable.id] = describe.with_levels_of(fresh[variable.id], variable)
    return fresh


def mosaic_grid(grids: Sequence[Grid]) -> Grid:
    """The least grid with the cells of the first that holds all grids, which have one CRS and are north up."""
    first = grids[0]
    a, b, c, d, e, f = first.transform
    bounds = [grid.bounds for grid in grids]
    left = floor((min(box[0] for box in bounds) - c) / a + _ROUNDING)
    right = ceil((max(box[2] for box in bounds) - c) / a - _ROUNDING)
    top = floor((max(box[3] for box in bounds) - f) / e + _ROUNDING)
    bottom = ceil((min(box[1] for box in bounds) - f) / e - _ROUNDING)
    transform = (a, b, c + left * a, d, e, f + top * e)
    return Grid(crs=first.crs, transform=transform, width=right - left, height=bottom - top)


def publication_of(
    dataset_id: str,
    declaration: DatasetDeclaration,
    *,
    variables: tuple[Variable, ...],
    granules: tuple[Granule, ...],
    joined: Joined,
    access: Access,
    gaps: tuple[Gap, ...],
    climatology: bool,
) -> Publication:
    """A dataset as one commit makes it visible."""
    box = union([bounding_box(v.grid) for v in variables])
    lineage = tuple(dict.fromkeys(note for g in granules for note in g.provenance.get("lineage", [])))
    record = completed(
        joined.document,
        dataset_id,
        box=box,
        granules=granules,
        climatology=climatology,
        lineage=(*lineage, *_told(gaps)),
    )
    properties = record["properties"]
    return Publication(
        id=dataset_id,
        title=properties["title"],
        description=properties.get("description", {}),
        access=access,
        bbox=box,
        variables=variables,
        granules=granules,
        record=record,
        attribution=plain_text(properties.get("attribution")),
        license=properties.get("license"),
        climatology=climatology,
        declaration=declaration.model_dump(mode="json"),
        joined=joined.given,
        gaps=gaps,
        absorbed=joined.absorbed,
        record_origin=joined.origin,
    )


def plain_text(value: Any) -> str | None:
    """One text of a member that may be given by language."""
    if isinstance(value, dict):
        return value.get("en") or next(iter(value.values()), None)
    return value if isinstance(value, str) and value else None


def gaps_after(
    before: Sequence[Gap], refused: Sequence[SourceRefused], taken: Sequence[str], *, replace_all: bool
) -> tuple[Gap, ...]:
    """What is left out of a dataset now: earlier gaps that no source has filled since, and sources refused now."""
    new = [Gap(path=shown(Path(str(r.path))), cause=r.cause, remedy=r.remedy) for r in refused]
    closed = {*taken, *(gap.path for gap in new)}
    return (*(gap for gap in before if not replace_all and gap.path not in closed), *new)


def _told(gaps: tuple[Gap, ...]) -> tuple[str, ...]:
    """A sentence on the gaps for the lineage: names without folders, which are the operator's business."""
    if not gaps:
        return ()
    names = sorted({gap.path.replace("\\", "/").rsplit("/", 1)[-1] for gap in gaps})
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return (f"Left out, because they could not be ingested: {', '.join(names[:_MOST_NAMED])}{more}.",)
