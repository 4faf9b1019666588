"""Write the land of the world for maps: `land.svg` for locators, `coast.json` (GeoJSON lines) for MapLibre.

Run by hand when the package changes: `npm pack world-atlas`, unpack it, then
`.venv/bin/python scripts/land.py package services/portal/static/vendor/world-atlas`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.ops import unary_union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapely.geometry import MultiPolygon, Polygon

COARSE_DEGREES, FINE_DEGREES = 0.25, 0.06
LEAST_COARSE, LEAST_FINE = 0.5, 0.05
"""Square degrees of the least island."""
SOUTHERN_EDGE = -89.9

STYLE = "path{fill:#c9d3cc}@media(prefers-color-scheme:dark){path{fill:#3a4a44}}"


def land(package: Path, scale: str) -> MultiPolygon:
    """The land at one scale of the package, which is TopoJSON: arcs of quantised steps, shared by rings.

    Rings run on across 180 degrees; they are cut there.
    """
    topology = json.loads((package / f"land-{scale}.json").read_text(encoding="utf-8"))
    arcs = [list(_steps(arc, topology["transform"])) for arc in topology["arcs"]]
    polygons = [
        shapely.Polygon(_unrolled(_ring(rings[0], arcs)), [_ring(hole, arcs) for hole in rings[1:]])
        for geometry in topology["objects"]["land"]["geometries"]
        for rings in geometry["arcs"]
    ]
    whole = unary_union([shapely.make_valid(polygon) for polygon in polygons])
    turns = [shapely.transform(whole, lambda xy, turn=turn: xy + np.array([turn, 0])) for turn in (-360, 0, 360)]
    return unary_union([shapely.intersection(turn, shapely.box(-180, -90, 180, 90)) for turn in turns])


def _steps(arc: list[list[int]], transform: dict[str, list[float]]) -> Iterator[tuple[float, float]]:
    (scale_x, scale_y), (east, north) = transform["scale"], transform["translate"]
    x = y = 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        yield x * scale_x + east, y * scale_y + north


def _ring(numbers: list[int], arcs: list[list[tuple[float, float]]]) -> list[tuple[float, float]]:
    """The points of a ring; ~n is arc n backwards."""
    points: list[tuple[float, float]] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc if not points else arc[1:]
    return points


def _unrolled(ring: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A ring whose longitudes do not jump; one that goes round the pole is closed by way of it."""
    points = [ring[0]]
    for x, y in ring[1:]:
        points.append((x - 360 * round((x - points[-1][0]) / 360), y))
    (start, _), (end, _) = points[0], points[-1]
    return points if abs(end - start) < 180 else [*points, (end, -90.0), (start, -90.0)]


def svg(shapes: MultiPolygon) -> str:
    """One path in degrees, y downwards."""
    rings = [ring for polygon in shapes.geoms if polygon.area > LEAST_COARSE for ring in _rings(polygon)]
    path = "".join("M" + "L".join(f"{x:.1f},{-y:.1f}" for x, y in ring[:-1]) + "Z" for ring in rings)
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180">'
    return f'{head}<style>{STYLE}</style><path d="{path}"/></svg>\n'


def coast(shapes: MultiPolygon) -> dict[str, Any]:
    """Lines without the cuts along 180 degrees and the southern edge, which are no coast."""
    lines = [
        line
        for polygon in shapes.geoms
        if polygon.area > LEAST_FINE
        for ring in _rings(polygon)
        for line in _shores(ring)
    ]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "MultiLineString", "coordinates": lines}}


def _rings(polygon: Polygon) -> list[list[tuple[float, float]]]:
    return [list(ring.coords) for ring in (polygon.exterior, *polygon.interiors)]


def _shores(ring: list[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    line: list[tuple[float, float]] = []
    for x, y in ring:
        if abs(x) < 180 and y > SOUTHERN_EDGE:
            line.append((round(x, 2), round(y, 2)))
            continue
        if len(line) > 1:
            yield line
        line = []
    if len(line) > 1:
        yield line


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    (target / "land.svg").write_text(svg(land(source, "110m").simplify(COARSE_DEGREES)), encoding="utf-8")
    lines_ = json.dumps(coast(land(source, "50m").simplify(FINE_DEGREES)), separators=(",", ":"))
    (target / "coast.json").write_text(lines_ + "\n", encoding="utf-8")
