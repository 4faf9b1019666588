"""What a COG states beside its blocks: the directory of its full resolution, and the rule of its overviews."""

from __future__ import annotations

import re
from dataclasses import replace

import rasterio
from cachetools import LRUCache
from rasterio.enums import Resampling
from rasterio.io import DatasetWriter, MemoryFile

from cog.convert.models import RGB
from cog.convert.pyramid import Rule
from cog.convert.tiff import Tag, tags_of
from cog.grids.georeference import written_crs
from cog.sources.models import SourceVariable

METADATA = 42112
"""TIFF tag of GDAL's metadata, an XML text."""
_PLAIN = re.compile(r"[A-Za-z0-9.:+_-]*")
"""Texts that XML holds as they are."""
_SKELETONS = 64
_skeletons: LRUCache[tuple[str, ...], list[Tag]] = LRUCache(_SKELETONS)
_meanings: LRUCache[int, tuple[SourceVariable, str]] = LRUCache(_SKELETONS)
_COLORS = ("red", "green", "blue", "alpha")


def skeleton(variable: SourceVariable, options: dict[str, str | int | bool], tags: dict[str, str]) -> list[Tag]:
    """The directory of the full resolution, as GDAL writes it into a file without blocks.

    Steps of one variable differ in plain texts, such as their times: GDAL writes one directory for all of them.
    """
    if not are_plain(tags):
        return _written_skeleton(variable, options, tags)
    marks = {name: f"{{{name}}}" for name in tags}
    key = (meaning(variable), repr(options), *marks)
    skeleton = _skeletons.get(key)
    if skeleton is None:
        skeleton = _skeletons[key] = _written_skeleton(variable, options, marks)
    return [_filled(tag, tags) if tag.code == METADATA else tag for tag in skeleton]


def are_plain(tags: dict[str, str]) -> bool:
    """Whether the values of tags stand in XML as they are."""
    return all(_PLAIN.fullmatch(value) for value in tags.values())


def meaning(variable: SourceVariable) -> str:
    """What a directory says of a variable, as one text: the same for all its steps."""
    entry = _meanings.get(id(variable))
    if entry is None or entry[0] is not variable:
        text = repr(replace(variable, steps=(None,), lineage=(), assumed=()))
        entry = _meanings[id(variable)] = (variable, text)
    return entry[1]


def _filled(tag: Tag, tags: dict[str, str]) -> Tag:
    """GDAL's metadata with the values of tags in the place of their marks."""
    value = tag.value
    for name, text in tags.items():
        value = value.replace(f"{{{name}}}".encode(), text.encode())
    return replace(tag, value=value, count=len(value))


def _written_skeleton(
    variable: SourceVariable, options: dict[str, str | int | bool], tags: dict[str, str]
) -> list[Tag]:
    grid = variable.grid
    crs, reference = written_crs(grid.crs)
    options = {**options, "bigtiff": "NO", "sparse_ok": True}
    if variable.kind == "rgb":
        options |= {"photometric": "RGB"} | ({"alpha": "NON-PREMULTIPLIED"} if variable.band_count > RGB else {})
    with MemoryFile() as memory:
        with memory.open(
            width=grid.width,
            height=grid.height,
            count=variable.band_count,
            dtype=variable.dtype,
            crs=crs,
            transform=rasterio.Affine(*grid.transform),
            nodata=variable.nodata,
            **options,
        ) as dataset:
            _describe(dataset, variable, tags | reference)
        return tags_of(bytes(memory.getbuffer()))


def overview_resampling(variable: SourceVariable) -> Resampling:
    """The resampling of overviews: never a class or a count that no cell has; means only of continuous quantities."""
    if variable.kind == "categorical":
        return Resampling.mode
    if variable.kind == "rgb":
        return Resampling.average
    whole_numbers = not variable.dtype.startswith("float")
    meaningless = variable.unit is None and (variable.scale, variable.offset) == (1.0, 0.0)
    return Resampling.nearest if whole_numbers and meaningless else Resampling.average


def overview_rule(variable: SourceVariable) -> Rule:
    """The rule by which each overview is made of the level before."""
    alpha = variable.kind == "rgb" and variable.band_count > RGB
    return Rule(resampling=overview_resampling(variable), codec=variable.codec, alpha=alpha)


def _describe(dataset: DatasetWriter, variable: SourceVariable, tags: dict[str, str]) -> None:
    if variable.kind == "rgb":
        for band, name in enumerate(_COLORS[: variable.band_count], start=1):
            dataset.set_band_description(band, name)
    else:
        dataset.set_band_description(1, variable.title)
    if variable.unit:
        dataset.units = (variable.unit,) * variable.band_count
    if (variable.scale, variable.offset) != (1.0, 0.0):
        dataset.scales, dataset.offsets = (variable.scale,), (variable.offset,)
    resampling = overview_resampling(variable).name.upper()
    dataset.update_tags(OVERVIEW_RESAMPLING=resampling, **{k: tags[k] for k in sorted(tags)})
    if variable.standard_name:
        dataset.update_tags(1, standard_name=variable.standard_name)
