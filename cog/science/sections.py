"""Transports across sections: geodesic pieces with their normals, and sums over pieces and layers.

The normal is the right-hand one, walking along the line from its first vertex to its last: a positive transport goes to
the right. mmol m-3 times m/s times m2 is mmol/s; a Tg of carbon a year (365.25 days) is 3.7904e-7 of it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from pyproj import Geod

from cog.science.units import CARBON_G_PER_MOL
from config.errors import InvalidInput, TooLarge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

TGC_PER_YEAR: Final = CARBON_G_PER_MOL * 1e-15 * 86_400 * 365.25
"""mmol/s in Tg C a year."""
_GEOD: Final = Geod(ellps="WGS84")
_MOST_PIECES: Final = 100_000


@dataclass(frozen=True, kw_only=True)
class Section:
    """A line cut into pieces, each member (piece,).

    Attributes:
        lon: Degrees east of the middle of each.
        lat: Degrees north.
        length: Metres.
        east: Eastward part of the right-hand normal at the middle.
        north: Northward part.
        distance: Metres from the first vertex to the middle.
    """

    lon: Numbers
    lat: Numbers
    length: Numbers
    east: Numbers
    north: Numbers
    distance: Numbers


def cut_section(vertices: Sequence[Sequence[float]], step: float) -> Section:
    """Cut a line along geodesics of WGS 84 into pieces of at most `step` metres.

    Args:
        vertices: (longitude, latitude) of each, at least two different ones.
        step: Greatest length of a piece, metres.

    Raises InvalidInput, or TooLarge for more than 100,000 pieces.
    """
    parts, done = [], 0.0
    for (lon, lat, *_), (next_lon, next_lat, *_) in itertools.pairwise(vertices):
        azimuth, _, length = _GEOD.inv(lon, lat, next_lon, next_lat)
        if length <= 0:
            continue
        count = int(np.ceil(length / step))
        if count > _MOST_PIECES:
            raise TooLarge(
                f"an edge of {length:.0f} m has over {_MOST_PIECES} pieces of {step:.0f} m; take step_m larger"
            )
        along = (np.arange(count) + 0.5) * length / count
        lons, lats, back = _GEOD.fwd(np.full(count, lon), np.full(count, lat), np.full(count, azimuth), along)
        heading = np.radians(np.asarray(back) + 180)
        parts.append((lons, lats, np.full(count, length / count), np.cos(heading), -np.sin(heading), done + along))
        done += length
    if not parts:
        raise InvalidInput("section: a line has at least two different vertices")
    lon_, lat_, length_, east, north, distance = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Section(lon=lon_, lat=lat_, length=length_, east=east, north=north, distance=distance)


def layer_bounds(depths: Numbers, *, top: float = 0.0, bottom: float | None = None) -> Numbers:
    """Thickness in metres of the layer of each depth: from half-way to half-way, the first one from the surface.

    Args:
        depths: Rising, metres below the surface.
        top: What lies above is left out.
        bottom: What lies below is left out; None: the last layer is as thick below its depth as above.
    """
    if depths.size == 1:
        edges = np.array([0.0, 2 * depths[0] if bottom is None else bottom])
    else:
        middle = (depths[:-1] + depths[1:]) / 2
        edges = np.concatenate([[0.0], middle, [2 * depths[-1] - middle[-1]]])
        if bottom is not None:
            edges[-1] = max(edges[-1], bottom)
    clipped = np.clip(edges, top, np.inf if bottom is None else bottom)
    thickness: Numbers = np.diff(clipped)
    return thickness


@dataclass(frozen=True, kw_only=True)
class Transport:
    """The transport across a section at one time, mmol/s.

    Attributes:
        total: To the right less to the left.
        to_right: What goes to the right.
        to_left: What goes to the left, negative.
        by_layer: (layer,) totals.
        wet_area: m2 with data.
        dry_area: m2 without.
    """

    total: float
    to_right: float
    to_left: float
    by_layer: Numbers
    wet_area: float
    dry_area: float


def transport_across(
    section: Section, thickness: Numbers, concentration: Numbers, east: Numbers, north: Numbers
) -> Transport:
    """Add up a transport; pieces without data contribute nothing.

    Args:
        section: The pieces.
        thickness: (layer,) metres.
        concentration: (layer, piece), mmol m-3, NaN for no data.
        east: Eastward velocity in the same shape, m/s.
        north: Northward velocity.
    """
    area = thickness[:, np.newaxis] * section.length
    flow = concentration * (east * section.east + north * section.north) * area
    wet = np.isfinite(flow)
    flow = np.where(wet, flow, 0.0)
    return Transport(
        total=float(flow.sum()),
        to_right=float(flow[flow > 0].sum()),
        to_left=float(flow[flow < 0].sum()),
        by_layer=flow.sum(axis=1),
        wet_area=float(area[wet].sum()),
        dry_area=float(area[~wet].sum()),
    )
