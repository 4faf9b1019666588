"""From a parsed query to the cube that answers it: fields, region, times and files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cog.grids.subset import Subset
from cog.reading.warp import Warp
from cog.writers.cube import Cube
from config.errors import GranuleNotFound, InvalidInput, InvalidParameter
from config.times import label_to_path
from records.datasets.models import text_in
from services.apis.coverages.formats import Format
from services.selection.layers import layer_of, steps_of, vertical_axis
from services.selection.levels import levels_of_axes
from services.selection.region import Place, place_of
from services.selection.scaling import Scaling
from services.selection.series import Moment, Source, grid_of, moments, one_moment
from services.selection.size import Amount
from services.web import attribution
from services.web.crs import Reference

if TYPE_CHECKING:
    from cog.writers.cube import CoverageTime
    from config.times import TimeRange
    from records.datasets.models import Dataset, Variable
    from services.apis.coverages.parameters import Query
    from services.web.context import Context

READ_MULTIPLE = 4
"""How many times the limit on cells of an answer are read at full resolution to make its cells of."""
TEXT_SHARE: Final = 10
"""How many times fewer cells an answer in text may have: each is some ten bytes, and slow to write."""
PREVIEW_EDGE: Final = 1024
"""Longest edge of a picture whose size the request leaves open."""

_MAX_NAMES = 3


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A cube to be written, the name of its file, its CRS, and the first of its variables."""

    cube: Cube
    filename: str
    reference: Reference
    variable: Variable


def plan(context: Context, dataset: Dataset, query: Query) -> Answer:
    """What answers a query. Opens no raster.

    Raises InvalidInput, OutsideExtent, GranuleNotFound or TooLarge.
    """
    axes = query.axes
    sources = _sources(dataset, query)
    once = query.format.holds_one_time or axes.latest
    first = [_first(context, source, axes.when, query, once=once) for source in sources]
    grid = grid_of(first[0])
    _require_same(sources, [grid_of(moment).matches(grid) for moment in first])
    native = Reference.of(grid, f"{context.settings.base_url}/collections/{dataset.id}")
    place = place_of(grid, query, native)
    if query.format is Format.PNG and query.scaling.is_none:
        place = place_of(grid, replace(query, scaling=_preview(place)), native)
    amount = Amount(
        place=place,
        fields=sum(source.variable.band_count for source in sources),
        levels=max(1, len(sources[0].levels)),
        limit=context.settings.limit.coverage_cells // (TEXT_SHARE if query.format.is_text else 1),
    )
    amount.require_fitting(dataset, steps=1)
    series = [[moment] for moment in first] if once else _series(context, sources, axes.when, amount)
    return _answer(context, query, sources, series, place=_bounded(context, place, amount, series))


def _sources(dataset: Dataset, query: Query) -> list[Source]:
    variables = _variables(dataset, query)
    if query.format is Format.PNG and len(variables) > 1:
        raise InvalidInput(f"a PNG shows one variable; ask for one of {', '.join(v.id for v in variables)}")
    sources = [
        Source(dataset=dataset, variable=v, levels=levels_of_axes(v, query.axes.others), part=query.part)
        for v in variables
    ]
    other = next((source for source in sources if source.levels != sources[0].levels), None)
    if other is not None:
        raise InvalidInput(
            f"{sources[0].variable.id} and {other.variable.id} have different levels; ask for each by itself"
        )
    if query.format.holds_one_time and len(sources[0].levels) > 1:
        raise GranuleNotFound(
            f"subset selects {len(sources[0].levels)} levels, such as {sources[0].levels[0]} and "
            f"{sources[0].levels[-1]}, and {_article(query.format)} holds one: choose one, or ask for f=netcdf"
        )
    return sources


def _article(format_: Format) -> str:
    return "a PNG" if format_ is Format.PNG else "a GeoTIFF"


def _variables(dataset: Dataset, query: Query) -> list[Variable]:
    known = {variable.id: variable for variable in dataset.variables}
    for parameter, names in (("properties", query.properties), ("exclude-properties", query.excluded)):
        for name in names or ():
            if name not in known:
                remedy = f"collection {dataset.id} has no variable {name}; it has {', '.join(known)}"
                raise InvalidParameter(parameter, ",".join(names or ()), remedy)
    if query.excluded is not None:
        chosen = [variable for name, variable in known.items() if name not in query.excluded]
        if not chosen:
            raise InvalidParameter("exclude-properties", ",".join(query.excluded), "it leaves no variable")
        return chosen
    return [dataset.variable()] if query.properties is None else [known[name] for name in query.properties]


def _first(context: Context, source: Source, when: TimeRange | None, query: Query, *, once: bool) -> Moment:
    """The one time of a file that holds one, else the first of those asked for; raises GranuleNotFound."""
    if not once:
        return moments(context.catalogue, source, when, limit=1)[0]
    try:
        return one_moment(context.catalogue, source, when)
    except GranuleNotFound as error:
        if "more than one" not in error.detail:
            raise
        raise GranuleNotFound(
            f"{error.detail}; {_article(query.format)} holds one time: choose one, such as datetime="
            f"{source.dataset.time.last if source.dataset.time else ''}, or ask for f=netcdf, which holds many"
        ) from error


def _require_same(sources: list[Source], same: list[bool]) -> None:
    other = next((source for source, matches in zip(sources, same, strict=True) if not matches), None)
    if other is not None:
        raise InvalidInput(
            f"{sources[0].variable.id} and {other.variable.id} have different grids; ask for each by itself"
        )


def _preview(place: Place) -> Scaling:
    """The scaling of a picture whose size the request leaves open: PREVIEW_EDGE at most."""
    factor = max(place.region.width, place.region.height) / PREVIEW_EDGE
    return Scaling(factors={"x": factor, "y": factor}, text=f"scale-factor={factor:.4g}") if factor > 1 else Scaling()


def _series(context: Context, sources: list[Source], when: TimeRange | None, amount: Amount) -> list[list[Moment]]:
    """The times of each variable, within the limit on cells."""
    most = amount.most_steps
    series = [moments(context.catalogue, source, when, limit=most + 1) for source in sources]
    grid = grid_of(series[0][0])
    for source, found in zip(sources, series, strict=True):
        amount.require_fitting(source.dataset, steps=len(found), more=len(found) > most)
        if not all(grid_of(moment).matches(grid) for moment in found):
            raise InvalidInput(
                f"the granules of {source.variable.id} have different grids; ask for one time, or take its files"
            )
    return series


def _bounded(context: Context, place: Place, amount: Amount, series: list[list[Moment]]) -> Place:
    """The place with its bound on cells that are read."""
    cells = READ_MULTIPLE * context.settings.limit.coverage_cells
    most = cells // (amount.fields * amount.levels * max(1, *(len(found) for found in series)))
    return replace(place, region=replace(place.region, most_read=max(1, most)))


def _answer(
    context: Context, query: Query, sources: list[Source], series: list[list[Moment]], *, place: Place
) -> Answer:
    steps = steps_of(series)
    dataset, variables = sources[0].dataset, [source.variable for source in sources]
    calendar = next((m.first.calendar for found in series for m in found if m.first.calendar), "standard")
    cube = Cube(
        region=place.region,
        layers=tuple(
            layer_of(context, source, found, steps, place=place, kernel=query.resampling)
            for source, found in zip(sources, series, strict=True)
        ),
        steps=steps,
        levels=vertical_axis(sources[0]),
        calendar=calendar,
        attributes=_attributes(context, dataset, place),
        crs_uri=place.reference.uri,
    )
    filename = _filename(dataset, variables, steps, query.format)
    return Answer(cube=cube, filename=filename, reference=place.reference, variable=variables[0])


def _attributes(context: Context, dataset: Dataset, place: Place) -> dict[str, str]:
    """Global attributes. No clock: the same request of the same version has the same bytes."""
    region, window = place.region, place.region.window
    size = f"{window.width} x {window.height} stored cells"
    if isinstance(region, Warp):
        size += f", resampled to {region.width} x {region.height} in {place.reference.uri}"
    elif isinstance(region, Subset) and region.is_scaled:
        size += f", scaled to {region.width} x {region.height}"
    credit = attribution.attributes(dataset)
    found = {
        "title": text_in(dataset.title) or dataset.id,
        "collection": dataset.id,
        "source": text_in(dataset.description),
        **{name: text for name, text in credit.items() if name != "references"},
        "references": " ".join([f"{context.settings.base_url}/collections/{dataset.id}", credit.get("references", "")]),
        "history": f"{dataset.updated:%Y-%m-%dT%H:%M:%SZ} Graticule: version {dataset.version} of collection "
        f"{dataset.id}, {size}",
    }
    if dataset.time is not None and dataset.time.climatology:
        found["comment"] = "The times are means over many years; the year of a time is nominal."
    return {name: text.strip() for name, text in found.items() if text}


def _filename(dataset: Dataset, variables: list[Variable], steps: tuple[CoverageTime, ...], format_: Format) -> str:
    names = [v.id for v in variables] if len(variables) <= _MAX_NAMES else [f"{len(variables)}-variables"]
    ends = [label_to_path(step.label) for step in (*steps[:1], *steps[1:][-1:])]
    stem = "_".join([dataset.id, *names, *ends])
    return re.sub(r"[^A-Za-z0-9._+-]", "-", stem)[:200] + format_.suffix
