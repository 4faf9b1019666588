"""The links that the demo prints: what to try of each dataset and of the service."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from records.datasets.models import Dataset

_DEEPEST = 22
"""The largest zoom that is tried."""

Kind = Literal["page", "json", "tile", "tilejson", "geotiff", "netcdf", "records", "record", "styles", "process"]


@dataclass(frozen=True, kw_only=True)
class DemoLink:
    """One link.

    Attributes:
        title: What it shows.
        url: What is printed; a tile's is a template with {z}, {x} and {y}.
        kind: What the answer must be.
        expected: Members that a JSON answer must have, or the name of the variable in a NetCDF file.
        place: Longitude, latitude and zoom of a tile that shows the dataset.
    """

    title: str
    url: str
    kind: Kind
    expected: tuple[str, ...] = ()
    place: tuple[float, float, int] = (0.0, 0.0, 0)


def service_links(base: str) -> list[DemoLink]:
    """The links of the service as a whole."""
    items = f"{base}/collections/records/items"
    return [
        DemoLink(title="Landing page", url=f"{base}/", kind="page", expected=("links",)),
        DemoLink(title="API description (OpenAPI)", url=f"{base}/api", kind="json", expected=("openapi", "paths")),
        DemoLink(title="Conformance", url=f"{base}/conformance", kind="json", expected=("conformsTo",)),
        DemoLink(title="Collections", url=f"{base}/collections", kind="json", expected=("collections", "links")),
        DemoLink(title="Records: temperature", url=f"{items}?{urlencode({'q': 'temperature'})}", kind="records"),
        DemoLink(title="Records: 温度", url=f"{items}?{urlencode({'q': '温度'})}", kind="records"),
        DemoLink(title="Process: echo", url=f"{base}/processes/echo", kind="process", expected=("inputs", "outputs")),
        DemoLink(
            title="Process: zonal statistics",
            url=f"{base}/processes/zonal-statistics",
            kind="process",
            expected=("inputs", "outputs"),
        ),
    ]


def dataset_links(base: str, dataset: Dataset) -> list[DemoLink]:
    """The links of one dataset: its first variable in its default style, at its latest time."""
    variable = dataset.variables[0].id
    collection, tiles = f"{base}/collections/{dataset.id}", f"{base}/xyz/{dataset.id}/{variable}"
    when = f"&datetime={quote(dataset.time.last, safe=':')}" if dataset.time else ""
    coverage = f"{collection}/coverage?f={{}}&properties={variable}{when}"
    name = dataset.title.get("en") or next(iter(dataset.title.values()), dataset.id)
    return [
        DemoLink(title=f"{name}: collection", url=collection, kind="page", expected=("id", "extent", "links")),
        DemoLink(
            title=f"{name}: record",
            url=f"{base}/collections/records/items/{dataset.id}",
            kind="record",
            expected=("id", "geometry", "properties", "links"),
        ),
        DemoLink(
            title=f"{name}: styles",
            url=f"{collection}/styles?{urlencode({'variable': variable})}",
            kind="styles",
            expected=("default", "styles"),
        ),
        DemoLink(title=f"{name}: XYZ tiles", url=tiles + "/{z}/{x}/{y}.png", kind="tile", place=middle(dataset.bbox)),
        DemoLink(
            title=f"{name}: TileJSON", url=f"{tiles}/tilejson.json", kind="tilejson", expected=("tilejson", "tiles")
        ),
        DemoLink(title=f"{name}: GeoTIFF", url=coverage.format("geotiff"), kind="geotiff"),
        DemoLink(title=f"{name}: NetCDF", url=coverage.format("netcdf"), kind="netcdf", expected=(variable,)),
    ]


def middle(bbox: tuple[float, float, float, float]) -> tuple[float, float, int]:
    """The middle of a box in degrees (west > east across the antimeridian), and the zoom at which it fills a tile."""
    west, south, east, north = bbox
    width = east - west if west <= east else east - west + 360
    zoom = int(math.log2(360 / max(width, north - south, 360 / 2**_DEEPEST)))
    return (west + width / 2 + 180) % 360 - 180, (south + north) / 2, zoom


def all_links(base: str, datasets: Iterable[Dataset]) -> list[DemoLink]:
    """Every link, those of the service first."""
    return [*service_links(base), *(link for dataset in datasets for link in dataset_links(base, dataset))]


def as_lines(links: list[DemoLink]) -> str:
    """The links as aligned lines."""
    width = max(len(link.title) for link in links)
    return "".join(f"  {link.title:<{width}}  {link.url}\n" for link in links)
