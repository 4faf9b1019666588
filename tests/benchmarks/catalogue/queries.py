"""The classes of requests, and the mix of all."""

from __future__ import annotations

import json
import random
import urllib.request
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode, urlsplit

from tests.benchmarks.catalogue import vocabulary as v
from tests.benchmarks.catalogue.generator import documents
from tests.benchmarks.catalogue.tails import tails

if TYPE_CHECKING:
    from collections.abc import Iterable

ITEMS: Final = "/collections/records/items"
_FACETS: Final = "type,keywords,themes,license,year"
_SUGGEST: Final = "/collections/records/suggest"
_WORDS: Final = (
    "sea temperature",
    "冻土 青藏高原",
    "SST",
    "glacier mass balance",
    '"sea surface" salinity',
    "permafrost 冰川",
)
_UNFINISHED: Final = ("tem*", "sea temp*", "glac*", "permafrost dis*", "res*", "chlorophyll conc*", "precipi*", "data*")
_TYPED: Final = ("t", "tem", "perm", "冰", "冻土", "sea s", "glacier m", "遥感", "chlo", "res")
_MISSPELT: Final = ("permafrsot", "glacer", "temperatrue ocean", "chlorofyll", "precipitaton")
_TURNED: Final = 40
"""Pages of a search that are turned by its `next` links."""


def texts(seed: int = 0) -> dict[str, list[str]]:
    """Values of `q` by class."""
    rng = random.Random(seed)
    rare = {tag: rng.sample(tails().words[tag].values[2_000:6_000], 12) for tag in ("zh", "en")}
    return {
        "zh, one character": ["冰", "碳", "霾", "湖"],
        "zh, two, rare": [word[:2] for word in rare["zh"]],
        "zh, two, some": ["冻土", "冰川", "积雪", "臭氧", "凍土"],
        "zh, two, common": ["海洋", "海面", "气候", "遥感"],
        "zh, two, nearly all": ["数据", "空间"],
        "zh, long word": ["多年冻土", "海面温度", "气溶胶光学厚度", "地表温度"],
        "zh, long word, common": ["空间分辨率", "人类活动", "地理坐标系"],
        "zh, phrase": ["海洋与陆地之间的水循环过程", "随着气候变化和人类活动加剧", "生态环境保护提供基础数据支撑"],
        "en, rare": rare["en"],
        "en, common": ["ocean", "temperature", "resolution", "permafrost", "chlorophyll"],
        "en, phrase": ["sea surface", "land surface temperature", "active layer thickness", "data set of"],
        "mixed": ["CO2 通量", "CO₂通量", "Landsat 8", "Sentinel-2", "30 m"],
        "alternatives": ["海洋,冻土,permafrost", f"{rare['zh'][0]},{rare['zh'][1]}", "ocean,海洋"],
    }


def classes(base: str, count: int, seed: int = 0) -> dict[str, list[str]]:
    """Paths by class, for a catalogue of so many generated records that is served at an address."""
    rng = random.Random(seed)
    found = {f"q: {name}": _paths({"q": q} for q in words) for name, words in texts(seed).items()}
    words = ["冻土", "海洋", "temperature", "数据", "glacier", "降水"]
    boxes = [_box(rng) for _ in range(40)]
    times = [f"{year}-01-01/{year + rng.randrange(6)}-12-31" for year in range(1970, 2020, 3)]
    found |= {
        "bbox": _paths({"bbox": box} for box in boxes),
        "datetime": _paths({"datetime": time} for time in times),
        "bbox and datetime": _paths({"bbox": box, "datetime": rng.choice(times)} for box in boxes),
        "q, bbox and datetime": _paths(
            {"q": rng.choice(words), "bbox": box, "datetime": rng.choice(times)} for box in boxes
        ),
        "CQL2": _paths({"filter": text} for text in _filters(rng)),
        "q with facets": _paths({"q": word, "facets": _FACETS} for word in words),
        "facets of all": _paths([{"facets": _FACETS}]),
        "equality": _paths([{"type": "series"}, {"license": "ODbL-1.0"}, {"keywords": "冰川"}, {"formats": "NetCDF"}]),
        "sorted": _paths([{"sortby": name} for name in ("-updated", "title", "-created")]),
        "q, sorted": _paths({"q": word, "sortby": name} for word in words for name in ("-updated", "title")),
        "offset": _paths({"q": word, "offset": str(offset)} for word in words for offset in (90, 990)),
        "next links": _turned(base, {"q": "海洋"}) + _turned(base, {"q": "temperature", "sortby": "-updated"}),
        "year": _paths([{"year": year} for year in ("1975", "2001", "2012")] + [{"year": "2012", "q": "glacier"}]),
        "words": _paths({"words": text} for text in _WORDS),
        "words, unfinished": _paths({"words": text} for text in _UNFINISHED),
        "suggestions": [f"{_SUGGEST}?{urlencode({'q': text})}" for text in _TYPED],
        "did you mean": _paths({"words": text, "f": "html"} for text in _MISSPELT),
        "one record": [f"{ITEMS}/{name}" for name in _ids(count)],
    }
    return found


def mix(by_class: dict[str, list[str]], seed: int = 0) -> list[tuple[str, str]]:
    """Requests of all classes, as many of each, in a random order."""
    rng = random.Random(seed)
    requests = [(name, rng.choice(paths)) for name, paths in by_class.items() for _ in range(40)]
    rng.shuffle(requests)
    return requests


def _paths(queries: Iterable[dict[str, str]]) -> list[str]:
    return [f"{ITEMS}?{urlencode(query, quote_via=quote)}" for query in queries]


def _box(rng: random.Random) -> str:
    """A box of 0.2 to 20 degrees in a region of the vocabulary."""
    place, size = rng.choice(v.PLACES), 0.2 * 100 ** rng.random()
    width = (place.east - place.west) % 360 or 360.0
    west = (place.west + rng.random() * width + 180) % 360 - 180
    south = min(place.south + rng.random() * (place.north - place.south), 90 - size)
    east = (west + size + 180) % 360 - 180
    return ",".join(f"{side:.3f}" for side in (west, south, east, south + size))


def _filters(rng: random.Random) -> list[str]:
    year = rng.randrange(1980, 2015)
    return [
        "type = 'dataset' AND license = 'CC-BY-4.0'",
        "A_OVERLAPS(keywords, ('冻土', 'permafrost'))",
        f"T_INTERSECTS(time, INTERVAL('{year}-01-01', '{year}-12-31')) AND formats = 'NetCDF'",
        "S_INTERSECTS(geometry, BBOX(100, 30, 101, 31)) AND type <> 'dataset'",
        "license IN ('ODbL-1.0', 'CC0-1.0') AND updated > TIMESTAMP('2024-06-01T00:00:00Z')",
    ]


def _turned(base: str, query: dict[str, str]) -> list[str]:
    """The paths of the pages of a search, one after the other."""
    path, found = _paths([query])[0], []
    for _ in range(_TURNED):
        with urllib.request.urlopen(base + path, timeout=120) as answer:
            links = json.loads(answer.read())["links"]
        href = next((link["href"] for link in links if link["rel"] == "next"), None)
        if href is None:
            break
        parts = urlsplit(href)
        path = f"{parts.path}?{parts.query}"
        found.append(path)
    return found


def _ids(count: int) -> list[str]:
    many = min(count, 100)
    return [
        one["id"]
        for start in range(0, count - many // 5 + 1, max(1, count // 5))
        for one in documents(many // 5, start=start)
    ]
