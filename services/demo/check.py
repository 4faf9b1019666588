"""Fetching what the demo prints, and looking at what comes back."""

from __future__ import annotations

import csv
import io
import json
import math
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import netCDF4
import numpy as np
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from config.vocabulary import JSON
from services.demo.example import MONTHS, REQUEST, execution_url

if TYPE_CHECKING:
    from services.demo.links import DemoLink, Kind

TIMEOUT_S = 120
_POLLS = 100
_POLL_S = 0.2


class CheckFailed(Exception):
    """An answer is not what it should be."""


class BlankTile(CheckFailed):
    """A tile shows nothing."""


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """The answer of a server: status, media type, headers (names in lower case) and body."""

    status: int
    media_type: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The finding on one link: a word of its content, or why it failed."""

    title: str
    url: str
    detail: str
    ok: bool

    @property
    def line(self) -> str:
        """`ok` or `FAILED`, title, detail and URL, separated by tabs."""
        return f"{'ok' if self.ok else 'FAILED'}\t{self.title}\t{self.detail}\t{self.url}"


def check(link: DemoLink) -> Finding:
    """Fetch a link and check status, media type and content."""
    if link.kind == "tile":
        return _finding(link.title, link.url, lambda: _shown(link.url, link.place))
    return _finding(link.title, link.url, lambda: _CHECKS[link.kind](fetch(link.url), link.expected))


def check_page(link: DemoLink) -> Finding:
    """Fetch a link as a browser does; the answer must be an HTML page."""
    return _finding(link.title + " as a page", link.url, lambda: _html(fetch(link.url, accept="text/html")))


def check_echo(base: str) -> list[Finding]:
    """Execute `echo` synchronously and asynchronously."""
    url = f"{base}/processes/echo/execution"
    return [
        _finding("Echo, synchronous", url, lambda: _echoed(_execute(url), 200)),
        _finding("Echo, asynchronous", url, lambda: _echoed(_job_result(_execute(url, prefer="respond-async")), 200)),
    ]


def check_zones(base: str) -> Finding:
    """Execute the example of `zonal-statistics`."""
    url, body = execution_url(base), json.dumps(REQUEST).encode()
    return _finding("Zonal statistics", url, lambda: _means(fetch(url, body=body)))


def _means(answer: HttpAnswer) -> str:
    """A line for each month, with a mean between the least and the greatest value."""
    _require(answer, 200, "text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    means = []
    for line in lines:
        low, mean, high = (float(line[f"surface_temperature_{name}"]) for name in ("min", "mean", "max"))
        if not low < mean < high:
            raise CheckFailed(f"the mean {mean} of {line['time']} is not between {low} and {high}")
        means.append(f"{mean:.2f} {line['unit']}")
    if len(lines) != MONTHS:
        raise CheckFailed(f"{len(lines)} times, not {MONTHS}")
    return ", ".join(means)


def fetch(url: str, *, accept: str = "*/*", body: bytes | None = None, prefer: str = "") -> HttpAnswer:
    """GET, or POST a body; any HTTP status is an answer. Raises CheckFailed if there is none."""
    headers = {"Accept": accept} | ({"Prefer": prefer} if prefer else {})
    if body is not None:
        headers["Content-Type"] = JSON
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - our own server's links
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
            return _answer(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error.headers, error.read())
    except OSError as error:
        raise CheckFailed(f"no answer: {error}") from error


def _answer(status: int, headers: Any, body: bytes) -> HttpAnswer:
    fields = {name.lower(): value for name, value in headers.items()}
    return HttpAnswer(status=status, media_type=fields.get("content-type", ""), headers=fields, body=body)


def _finding(title: str, url: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(title=title, url=url, detail=look(), ok=True)
    except CheckFailed as failure:
        return Finding(title=title, url=url, detail=str(failure), ok=False)
    except Exception as error:  # noqa: BLE001 - whatever a broken answer does to the library that reads it
        return Finding(title=title, url=url, detail=f"{type(error).__name__}: {error}", ok=False)


def _require(answer: HttpAnswer, status: int, *media_types: str) -> None:
    if answer.status != status:
        raise CheckFailed(f"status {answer.status}, not {status}: {answer.body[:300].decode(errors='replace')}")
    if not any(answer.media_type.startswith(media_type) for media_type in media_types):
        raise CheckFailed(f"media type {answer.media_type!r}, not {' or '.join(media_types)}")


def _document(answer: HttpAnswer, expected: tuple[str, ...]) -> Any:
    _require(answer, 200, "application/")
    document = json.loads(answer.body)
    missing = [name for name in expected if not document.get(name)]
    if missing:
        raise CheckFailed(f"no member {', '.join(missing)}")
    return document


def _json(answer: HttpAnswer, expected: tuple[str, ...]) -> str:
    _require(answer, 200, "application/json", "application/vnd.oai.openapi+json")
    return f"{len(_document(answer, expected))} members"


def _html(answer: HttpAnswer) -> str:
    _require(answer, 200, "text/html")
    if b"</html>" not in answer.body.lower():
        raise CheckFailed("the page is cut short")
    return f"{len(answer.body)} bytes"


def _records(answer: HttpAnswer, _expected: tuple[str, ...]) -> str:
    _require(answer, 200, "application/geo+json")
    document = _document(answer, ("type", "features", "links"))
    return f"{len(document['features'])} records"


def _record(answer: HttpAnswer, expected: tuple[str, ...]) -> str:
    _require(answer, 200, "application/geo+json")
    return str(_document(answer, expected)["properties"].get("title"))


def _styles(answer: HttpAnswer, expected: tuple[str, ...]) -> str:
    """Each style's legends: JSON and a drawing."""
    _require(answer, 200, JSON)
    styles = _document(answer, expected)["styles"]
    legends = [link for style in styles for link in style["links"] if link["rel"].endswith("/legend")]
    if len(legends) < len(styles):
        raise CheckFailed(f"{len(styles)} styles have {len(legends)} legends")
    for link in legends:
        answer_ = fetch(link["href"])
        _require(answer_, 200, link["type"])
        if not answer_.body.strip():
            raise CheckFailed(f"{link['href']} is empty")
    return f"{len(styles)} styles, {len(legends)} legends"


def _tilejson(answer: HttpAnswer, expected: tuple[str, ...]) -> str:
    """The tile in the middle of the bounds at the largest zoom."""
    document = _document(answer, expected)
    longitude, latitude, *_ = document["center"]
    return _shown(document["tiles"][0], (longitude, latitude, int(document["maxzoom"])))


def _shown(template: str, place: tuple[float, float, int]) -> str:
    """The tile at a longitude, latitude and zoom; the place may be without data, so then zoomed out."""
    longitude, latitude, last = place
    for zoom in range(last, -1, -1):
        column, row = tile_at(longitude, latitude, zoom)
        url = template.replace("{z}", str(zoom)).replace("{x}", str(column)).replace("{y}", str(row))
        try:
            return f"{_tile(fetch(url))} at zoom {zoom} of {last}"
        except BlankTile:
            continue
    raise BlankTile(f"the tiles in the middle are blank at zoom {last} to 0")


def tile_at(longitude: float, latitude: float, zoom: int) -> tuple[int, int]:
    """Column and row of the XYZ tile at a place (degrees)."""
    size = 2**zoom
    y = math.asinh(math.tan(math.radians(latitude))) / math.pi
    column, row = int((longitude + 180) / 360 * size), int((1 - y) / 2 * size)
    return min(max(column, 0), size - 1), min(max(row, 0), size - 1)


def _tile(answer: HttpAnswer) -> str:
    _require(answer, 200, "image/png")

    with warnings.catch_warnings(), MemoryFile(answer.body) as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # a PNG tile has none
        return _pixels(memory)


def _pixels(memory: MemoryFile) -> str:
    with memory.open() as image:
        opaque = image.dataset_mask() > 0
        colours = len({tuple(pixel) for pixel in image.read()[:, opaque].T[::7].tolist()})
        if colours < 2:
            raise BlankTile("the tile is blank")
        return f"{image.width} x {image.height} px, {int(100 * opaque.mean())} % opaque"


def _geotiff(answer: HttpAnswer, _expected: tuple[str, ...]) -> str:
    _require(answer, 200, "image/tiff")

    with MemoryFile(answer.body) as memory, memory.open() as raster:
        if raster.crs is None or not (raster.read_masks(1) > 0).any():
            raise CheckFailed("the GeoTIFF has no CRS or no valid cell")
        return f"{raster.height} x {raster.width} cells of {raster.dtypes[0]}"


def _netcdf(answer: HttpAnswer, expected: tuple[str, ...]) -> str:
    _require(answer, 200, "application/netcdf", "application/x-netcdf")

    with netCDF4.Dataset("coverage.nc", memory=answer.body) as dataset:
        variable = dataset[expected[0]]
        if not np.ma.masked_invalid(variable[:]).count():
            raise CheckFailed("the variable has no valid cell")
        return " x ".join(f"{size} {name}" for size, name in zip(variable.shape, variable.dimensions, strict=True))


def _execute(url: str, *, prefer: str = "") -> HttpAnswer:
    return fetch(url, body=json.dumps({"inputs": {"stringInput": "回声 <echo>"}}).encode(), prefer=prefer)


def _job_result(answer: HttpAnswer) -> HttpAnswer:
    _require(answer, 201, JSON)
    for _ in range(_POLLS):
        status = json.loads(fetch(answer.headers["location"]).body)["status"]
        if status not in ("accepted", "running"):
            return fetch(answer.headers["location"] + "/results")
        time.sleep(_POLL_S)
    raise CheckFailed(f"the job did not end in {_POLLS * _POLL_S:.0f} s")


def _echoed(answer: HttpAnswer, status: int) -> str:
    _require(answer, status, JSON)
    text = json.loads(answer.body).get("stringInput")
    if text != "回声 <echo>":
        raise CheckFailed(f"it answered {text!r}")
    return str(text)


_CHECKS: dict[Kind, Callable[[HttpAnswer, tuple[str, ...]], str]] = {
    "page": _json,
    "json": _json,
    "process": _json,
    "records": _records,
    "record": _record,
    "styles": _styles,
    "tilejson": _tilejson,
    "geotiff": _geotiff,
    "netcdf": _netcdf,
}
