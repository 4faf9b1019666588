"""From converted pieces to what one commit makes visible: variables, granules, extent and record of the dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor
from pathlib import Path
from typing import Any

from cog.convert.models import Converted
from cog.convert.profiles import ProfileName
from cog.sources.models import SourceVariable
from cog.statistics.growing import GrowingStatistics
from cog.statistics.packing import unpack
from cog.statistics.partial import Partial
from config.declarations.datasets import DatasetDeclaration
from config.errors import SourceRefused
from config.grids import Grid
from records.datasets.footprint import bounding_box, union
from records.datasets.models import Access, Asset, Gap, Granule, Place, Variable
from records.datasets.publication import MosaicOverview, Publication
from services.ingest.models import shown
from services.ingest.planning import plan
from services.ingest.planning.plan import GranulePiece
from services.ingest.publishing import describe
from services.ingest.publishing.record import completed
from services.ingest.publishing.record_matching import MatchedRecord

_ROUNDING = 1e-6
"""Parts of a cell that count as the same place."""
_MOST_NAMED = 20
"""Sources left out that a record names; the others are counted."""


@dataclass(frozen=True, kw_only=True)
class ConvertedPiece:
    """A converted piece."""

    piece: GranulePiece
    converted: Converted


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """What counts of the granules beside those that are added.

    Attributes:
        outermost: The ones that start first and end last.
        lineage: What ingest noted on them.
    """

    outermost: tuple[Granule, ...]
    lineage: tuple[str, ...]


def granules_of(
    dataset_id: str,
    conversions: Sequence[ConvertedPiece],
    assets: Sequence[Asset],
    *,
    profile: ProfileName,
    sources: Mapping[str, Asset],
) -> list[Granule]:
    """The granules of converted pieces whose assets are in the store; `sources` are the original files by key."""
    counts: dict[str, int] = {}
    for m in conversions:
        counts[m.piece.source.key] = counts.get(m.piece.source.key, 0) + 1
    return [
        _granule(dataset_id, m, asset, counts[m.piece.source.key], profile, source=sources.get(m.piece.source.key))
        for m, asset in zip(conversions, assets, strict=True)
    ]


def _granule(
    dataset_id: str,
    conversion: ConvertedPiece,
    asset: Asset,
    granules: int,
    profile: ProfileName,
    *,
    source: Asset | None,
) -> Granule:
    piece, time = conversion.piece, conversion.piece.time
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
        layer=piece.layer,
        part=piece.part,
        asset=asset,
        grid=piece.variable.grid,
        provenance=plan.provenance(piece, granules=granules, profile=profile),
        summary=conversion.converted.summary,
        source=source,
    )


def in_order(granules: Sequence[Granule]) -> list[Granule]:
    """Granules by variable, time, layer and part: what is made of them does not depend on when they were added."""
    return sorted(granules, key=lambda g: (g.variable_id, g.key or 0, g.time or "", g.layer or "", g.part or ""))


def statistics_of(
    granules: Sequence[Granule],
    summaries: Mapping[Place, bytes],
    *,
    before: Mapping[str, GrowingStatistics] | None = None,
) -> dict[str, GrowingStatistics]:
    """The statistics of each variable, from the summaries of its granules, added to those `before`."""
    by_variable: dict[str, list[Place]] = {}
    for granule in granules:
        by_variable.setdefault(granule.variable_id, []).append(granule.place)
    fresh = {
        variable: GrowingStatistics.of(_unpacked(summaries[place]) for place in places)
        for variable, places in by_variable.items()
    }
    known = before or {}
    return {name: known[name].merge(value) if name in known else value for name, value in fresh.items()}


def _unpacked(summary: bytes) -> Partial:
    statistics = unpack(summary)
    assert statistics is not None
    return statistics


def variables_of(
    conversions: Sequence[ConvertedPiece],
    published: Sequence[Variable],
    granules: Sequence[Granule],
    *,
    declaration: DatasetDeclaration,
    statistics: Mapping[str, GrowingStatistics],
) -> tuple[Variable, ...]:
    """The published variables in their order, the variables of new granules described again, then new ones.

    `granules` are all of the dataset if it has parts, `statistics` those of the variables that have new ones.
    """
    fresh = _fresh(conversions, published)
    order = dict.fromkeys([*(v.id for v in published), *fresh])
    untouched = {v.id: v for v in published}
    by_file = {m.piece.variable_id for m in conversions if declaration.names_tell and m.piece.is_named_by_file}
    variables = []
    for id_ in order:
        if id_ in fresh:
            description = declaration.variable(fresh[id_].name)
            one = describe.catalogue_variable(fresh[id_], description, id_=id_, statistics=statistics[id_].whole)
            one = replace(one, source_name=id_) if id_ in by_file else one
        else:
            one = describe.redescribed(untouched[id_], declaration.variable(untouched[id_].source_name))
        grids = [g.grid for g in granules if g.variable_id == id_ and g.part is not None]
        variables.append(replace(one, grid=mosaic_grid(grids)) if grids else one)
    return tuple(variables)


def variables_left(
    published: Sequence[Variable], granules: Sequence[Granule], statistics: Mapping[str, GrowingStatistics]
) -> tuple[Variable, ...]:
    """The published variables that have granules still, after others were withdrawn.

    `granules` are all of the dataset, `statistics` those of the variables that lost or got some.
    """
    layers: dict[str, set[str | None]] = {}
    for granule in granules:
        layers.setdefault(granule.variable_id, set()).add(granule.layer)
    return tuple(
        describe.measured_again(one, statistics[one.id].whole, layers=layers[one.id]) if one.id in statistics else one
        for one in published
        if one.id in layers
    )


def _fresh(conversions: Sequence[ConvertedPiece], published: Sequence[Variable]) -> dict[str, SourceVariable]:
    """The source variables of new granules, with the levels and members of all of them."""
    fresh: dict[str, SourceVariable] = {}
    before: SourceVariable | None = None
    for m in conversions:
        if m.piece.variable is not before:  # the steps of one source share it
            before = m.piece.variable
            fresh[m.piece.variable_id] = describe.with_layers_of(before, fresh.get(m.piece.variable_id))
    for variable in published:
        if variable.id in fresh:
            fresh[variable.id] = describe.with_layers_of(fresh[variable.id], variable)
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
    matched_record: MatchedRecord,
    access: Access,
    gaps: tuple[Gap, ...],
    climatology: bool,
    summaries: Mapping[str, bytes],
    overviews: tuple[MosaicOverview, ...] = (),
    beside: Neighbours | None = None,
) -> Publication:
    """A dataset as one commit makes it visible.

    `summaries` are the statistics of its variables. With granules `beside`, `granules` are what is added to them.
    """
    box = union([bounding_box(v.grid) for v in variables])
    notes = (note for g in granules for note in g.provenance.get("lineage", []))
    lineage = tuple(dict.fromkeys([*(beside.lineage if beside else ()), *notes]))
    record = completed(
        matched_record.document,
        dataset_id,
        box=box,
        granules=(*granules, *(beside.outermost if beside else ())),
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
        joined=matched_record.given,
        gaps=gaps,
        absorbed=matched_record.absorbed,
        record_origin=matched_record.origin,
        summaries=summaries,
        overviews=overviews,
        adds=beside is not None,
    )


def plain_text(value: Any) -> str | None:
    """One text of a member that may be given by language."""
    if isinstance(value, dict):
        return value.get("en") or next(iter(value.values()), None)
    return value if isinstance(value, str) and value else None


def gaps_after(
    before: Sequence[Gap], refused: Sequence[SourceRefused], taken: Sequence[str], *, replace_all: bool
) -> tuple[Gap, ...]:
    """The gaps of a dataset: earlier ones that no source has filled since, and sources refused now."""
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
