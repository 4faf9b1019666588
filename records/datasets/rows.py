"""Between table rows and the catalogue's values."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from config.grids import Grid
from config.times import GREGORIAN
from records.datasets.assets.source_media import media_type_of
from records.datasets.models import (
    MAX_LABELS,
    Access,
    Asset,
    ColorClass,
    Dataset,
    ExternalId,
    Gap,
    Granule,
    LatestFile,
    LayerAxis,
    Origin,
    Statistics,
    Style,
    StyleStop,
    TimeExtent,
    Variable,
)
from records.datasets.series.intervals import interval_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.database.orm import AssetRow, DatasetRow, GranuleRow, StyleRow, VariableRow
    from records.datasets.publication import Publication
    from records.datasets.series.intervals import TimeInterval


def dataset(row: DatasetRow, *, variables: tuple[Variable, ...] | None = None) -> Dataset:
    """A dataset from its row and those of its variables, unless these are given."""
    return Dataset(
        id=row.id,
        version=row.version,
        title=row.title,
        description=row.description,
        access=Access(
            policy=cast('Literal["open", "login", "apply"]', row.access_policy), embargo_until=row.embargo_until
        ),
        bbox=(row.west, row.south, row.east, row.north),
        time=_stored_extent(row.time) if row.time else None,
        variables=tuple(variable(v) for v in row.variables) if variables is None else variables,
        attribution=row.attribution,
        license=row.license,
        created=row.created,
        updated=row.updated,
        hidden=row.hidden,
        license_url=row.license_url,
        external_ids=tuple(ExternalId(scheme=e.get("scheme"), value=e["value"]) for e in row.external_ids or ()),
        files=tuple(latest_file(document) for document in row.files or ()),
        series=cast('Literal["auto", "on", "off"]', row.series),
        series_revision=row.series_revision,
    )


def latest_file(document: dict[str, Any]) -> LatestFile:
    """The latest file of a variable from what `records.database.orm` reads with its dataset."""
    return LatestFile(
        variable_id=document["variable"],
        time=document["time"] or None,
        asset=Asset(**{name: document[name] for name in ("href", "sha256", "size", "media_type")}),
        source=source_asset(document.get("source_href"), document.get("source") or {}),
    )


def source_asset(href: str | None, source: dict[str, Any]) -> Asset | None:
    """The original file of a granule, of its path in the store and what its provenance says; None if it is not kept."""
    if href is None:
        return None
    return Asset(href=href, sha256=source["sha256"], size=source["size"], media_type=media_type_of(href))


def variable(row: VariableRow) -> Variable:
    """A variable from its row and those of its styles."""
    return Variable(
        id=row.id,
        source_name=row.source_name,
        title=row.title,
        unit=row.unit,
        standard_name=row.standard_name,
        dtype=row.dtype,
        band_count=row.band_count,
        nodata=None if row.nodata is None else float(row.nodata),
        scale=row.scale,
        offset=row.offset,
        kind=cast('Literal["continuous", "categorical", "rgb"]', row.kind),
        classes=tuple(ColorClass(value=c["value"], color=tuple(c["color"]), title=c["title"]) for c in row.classes),
        statistics=Statistics(**row.statistics) if row.statistics else None,
        grid=Grid.from_json(row.grid),
        styles=tuple(style(s) for s in row.styles),
        levels=layer_axis(row.levels) if row.levels else None,
        members=layer_axis(row.members) if row.members else None,
    )


def layer_axis(document: dict[str, Any]) -> LayerAxis:
    """An axis of layers from its JSON."""
    bounds = tuple((low, high) for low, high in document.get("bounds", ()))
    return LayerAxis(**document | {"labels": tuple(document["labels"]), "bounds": bounds})


def style(row: StyleRow) -> Style:
    """A style from its row."""
    ends = None if row.low is None or row.high is None else (row.low, row.high)
    scale = cast('Literal["linear", "log"]', row.scale)
    plain = Style(id=row.id, title=row.title, colormap=row.colormap, range=ends, scale=scale)
    if row.stops is None:
        return plain
    stops = tuple(
        StyleStop(value=float(s["value"]), color=tuple(s["color"]), label=s["label"]) for s in row.stops["stops"]
    )
    return replace(plain, stops=stops, shading=row.stops["shading"])


def style_stops(value: Style) -> dict[str, Any] | None:
    """The stops of a style as JSON, None without any. Values are texts: JSON has no infinite numbers."""
    if not value.stops:
        return None
    stops = [{"value": repr(s.value), "color": list(s.color), "label": s.label} for s in value.stops]
    return {"shading": value.shading, "stops": stops}


def asset(row: AssetRow) -> Asset:
    """An asset from its row."""
    return Asset(href=row.href, sha256=row.sha256, size=row.size, media_type=row.media_type)


def granule(row: GranuleRow) -> Granule:
    """A granule from its row and that of its asset."""
    return Granule(
        dataset_id=row.dataset_id,
        variable_id=row.variable_id,
        time=row.time or None,
        calendar=row.calendar,
        key=row.key,
        start=row.start,
        end=row.end,
        start_key=row.start_key,
        end_key=row.end_key,
        layer=row.layer or None,
        part=row.part or None,
        asset=asset(row.asset),
        grid=Grid.from_json(row.grid),
        provenance=row.provenance,
        source=source_asset(row.source_href, row.provenance.get("source", {})),
    )


def dataset_values(publication: Publication) -> dict[str, Any]:
    """Column values of a publication's dataset, but for its version."""
    west, south, east, north = publication.bbox
    extent = _time_extent(publication)
    return {
        "id": publication.id,
        "title": publication.title,
        "description": publication.description,
        "access_policy": publication.access.policy,
        "embargo_until": publication.access.embargo_until,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
        "time": asdict(extent) if extent else None,
        "attribution": publication.attribution,
        "license": publication.license,
        "declaration": publication.declaration,
        "joined": publication.joined,
        "gaps": [asdict(gap) for gap in publication.gaps],
    }


def _time_extent(publication: Publication) -> TimeExtent | None:
    dated = sorted((g for g in publication.granules if g.key is not None), key=lambda g: g.key or 0)
    if not dated:
        return None
    first, last = dated[0], dated[-1]
    labels = {g.key: g.time or "" for g in dated if g.key is not None}
    keys = sorted(labels)
    interval = None if publication.climatology else interval_of(np.array(keys, "int64"), first.calendar or "standard")
    ends_last = max(dated, key=lambda g: g.end_key or g.key or 0)
    starts_first = min(dated, key=lambda g: g.start_key if g.start_key is not None else g.key or 0)
    return TimeExtent(
        calendar=first.calendar or "standard",
        first=first.time or "",
        last=last.time or "",
        start=starts_first.start or starts_first.time or "",
        end=ends_last.end or ends_last.time or "",
        count=len(keys),
        climatology=publication.climatology,
        interval=interval.duration if interval else None,
        missing=interval.missing if interval else 0,
        labels=listed_labels([labels[key] for key in keys], interval, first.calendar or "standard"),
    )


def listed_labels(labels: Sequence[str], interval: TimeInterval | None, calendar: str) -> tuple[str, ...]:
    """The labels of times, in order, that the extent of their dataset lists: see `TimeExtent.labels`."""
    is_said = interval is not None and calendar in GREGORIAN
    return () if is_said or len(labels) > MAX_LABELS else tuple(labels)


def _stored_extent(members: dict[str, Any]) -> TimeExtent:
    return TimeExtent(**{**members, "labels": tuple(members.get("labels", ()))})


def variable_values(dataset_id: str, value: Variable, position: int) -> dict[str, Any]:
    """Column values of a variable, but for its styles."""
    return {
        "dataset_id": dataset_id,
        "id": value.id,
        "position": position,
        "source_name": value.source_name,
        "title": value.title,
        "unit": value.unit,
        "standard_name": value.standard_name,
        "dtype": value.dtype,
        "band_count": value.band_count,
        "nodata": None if value.nodata is None else repr(float(value.nodata)),
        "scale": value.scale,
        "offset": value.offset,
        "kind": value.kind,
        "classes": [asdict(c) for c in value.classes],
        "statistics": asdict(value.statistics) if value.statistics else None,
        "grid": value.grid.to_json(),
        "levels": asdict(value.levels) if value.levels else None,
        "members": asdict(value.members) if value.members else None,
    }


def style_values(dataset_id: str, value: Variable) -> list[dict[str, Any]]:
    """Column values of each style of a variable, in order."""
    return [
        {
            "dataset_id": dataset_id,
            "variable_id": value.id,
            "id": style.id,
            "position": position,
            "title": style.title,
            "colormap": style.colormap,
            "stops": style_stops(style),
            "low": style.range[0] if style.range else None,
            "high": style.range[1] if style.range else None,
            "scale": style.scale,
        }
        for position, style in enumerate(value.styles)
    ]


def asset_values(value: Asset) -> dict[str, Any]:
    """Column values of an asset."""
    return asdict(value)


def origin(row: DatasetRow) -> Origin:
    """What a dataset was made with, from its row."""
    return Origin(
        declaration=dict(row.declaration), joined=row.joined, gaps=tuple(Gap(**document) for document in row.gaps)
    )


def granule_values(value: Granule) -> dict[str, Any]:
    """Column values of a granule, but for its summary; absent key parts become the empty string."""
    return {
        "dataset_id": value.dataset_id,
        "variable_id": value.variable_id,
        "time": value.time or "",
        "calendar": value.calendar,
        "key": value.key,
        "start": value.start,
        "end": value.end,
        "start_key": value.start_key,
        "end_key": value.end_key,
        "layer": value.layer or "",
        "part": value.part or "",
        "asset_href": value.asset.href,
        "grid": value.grid.to_json(),
        "provenance": value.provenance,
        "source_href": value.source.href if value.source else None,
    }
