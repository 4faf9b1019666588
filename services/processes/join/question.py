"""What a request for a spatial join asks: predicate, distance, form of the answer, engine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Literal

from pyproj import CRS

from cog.features.join import LeafJoin
from cog.features.partition import Reach
from config.errors import InvalidInput, InvalidParameter
from records.search.outlines import MOST_JOINED
from services.processes.join.sides import count_of_collection, kind_of, require_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.web.context import Context

Engine = Literal["postgis", "local", "cluster", "sedonadb", "sedona"]
OF_ONE_STATEMENT: Final = ("postgis", "sedonadb", "sedona")
"""Engines that join both sides in one statement."""


def require_join(inputs: Mapping[str, Any], context: Context) -> None:
    """Refuse what can be refused before the sides are read."""
    if ("right" in inputs) == ("sample" in inputs):
        raise InvalidInput("give right, the other features, or sample, a variable that is sampled; not both")
    require_side("left", inputs["left"], context)
    if "right" in inputs:
        require_side("right", inputs["right"], context)
    predicate = inputs.get("predicate", "intersects")
    if (predicate == "dwithin") != ("distance_m" in inputs):
        raise InvalidInput("distance_m goes with the predicate dwithin: give both, or neither")
    if "sample" in inputs:
        pointless = [name for name in ("predicate", "how", "right_properties", "engine") if name in inputs]
        if pointless:
            raise InvalidInput(f"{pointless[0]}: it has no meaning with sample; leave it out")
    elif "datetime" in inputs:
        raise InvalidInput("datetime: it goes with sample; leave it out")
    require_engine(inputs.get("engine", "auto"), predicate, context)


def require_engine(engine: str, predicate: str, context: Context) -> None:
    """Refuse an engine that is not there, or cannot do what is asked; raises InvalidParameter."""
    if engine in OF_ONE_STATEMENT and predicate == "dwithin":
        raise InvalidParameter(
            "engine", engine, "it knows no geodesic distances of lines and areas; use local, cluster"
        )
    if engine == "sedonadb" and find_spec("sedonadb") is None:
        raise InvalidParameter("engine", engine, "SedonaDB is not installed here; use local or cluster")
    if engine == "sedona":
        missing = [name for name in ("sedona", "pyspark") if find_spec(name) is None]
        settings = context.settings.spark
        if missing or not settings.master or not settings.jars:
            raise InvalidParameter(
                "engine", engine, "Apache Sedona is not set up here (GRATICULE_SPARK_MASTER); use local or cluster"
            )


@dataclass(frozen=True, kw_only=True)
class JoinQuestion:
    """A join of two sides.

    Attributes:
        join: What is asked of each leaf.
        engine: What does it.
        crs: The CRS in which geometries are compared, as WKT: that of the left side.
        repair: Whether invalid polygons are made valid.
    """

    join: LeafJoin
    engine: Engine
    crs: str
    repair: bool

    @classmethod
    def of(cls, inputs: Mapping[str, Any], crs: str, context: Context) -> JoinQuestion:
        """The question that inputs ask of features in a CRS; raises InvalidInput."""
        described = CRS.from_wkt(crs)
        predicate = inputs.get("predicate", "intersects")
        distance = float(inputs.get("distance_m", 0.0))
        if distance and not described.is_geographic:
            distance /= float(described.axis_info[0].unit_conversion_factor)
        reach = Reach(distance=distance, is_geographic=bool(described.is_geographic))
        join = LeafJoin(
            predicate=predicate,
            reach=reach,
            how=inputs.get("how", "inner"),
            with_geometry=not inputs.get("attributes_only", False),
        )
        engine = inputs.get("engine", "auto")
        return cls(
            join=join,
            engine=_automatic(inputs, context) if engine == "auto" else engine,
            crs=crs,
            repair=bool(inputs.get("repair", False)),
        )


def _automatic(inputs: Mapping[str, Any], context: Context) -> Engine:
    """PostGIS where both sides are in its database and small; else leaves, which spread where there are many."""
    sides = [(name, inputs[name]) for name in ("left", "right")]
    if inputs.get("predicate") == "dwithin" or any(kind_of(*side) != "collection" for side in sides):
        return "local"
    counts = [count_of_collection(name, value["collection"], context) for name, value in sides]
    return "postgis" if sum(counts) <= MOST_JOINED else "local"
