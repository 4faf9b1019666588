"""Jobs of every kind that last for some seconds, over data that are made here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from config.grids import CRS84, Grid
from config.times import parse_time
from records.database.engine import driver_url
from records.datasets.repository import Repository
from tests.support.rasters import publication
from tests.support.zones import box

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SEA: Final = {"collection": "sea"}
POND: Final = {"collection": "pond"}
_DAYS: Final = 28
_ROWS: Final = {"sea": (2048, 1), "pond": (1024, 4)}
"""Rows of the maps of each water, and how many there are."""
PUBLISHED: Final = "warmth"
_FEATURES: Final = 150_000


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """A request that takes long enough to be interrupted.

    Attributes:
        process: Id of the process.
        inputs: Its inputs.
        outputs: Which outputs, if not all.
        publishes: The collection that comes of it.
    """

    process: str
    inputs: dict[str, Any]
    outputs: dict[str, Any] = field(default_factory=dict)
    publishes: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The execute request."""
        outputs = {"outputs": self.outputs} if self.outputs else {}
        return {"inputs": self.inputs, "response": "document", **outputs}


_SIX_DAYS: Final = {"datetime": "2020-01-01/2020-01-06"}
_FLUX: Final = {"sst": POND, "salinity": 35, "wind": 7, "wind_is": "rms", "dpco2": 20}
_ATMOSPHERE: Final = {
    "bands": [{"name": "412", "tau": 0.3185}, {"name": "865", "tau": 0.0155}],
    "sun_zenith": list(range(0, 80, 5)), "view_zenith": list(range(0, 71, 5)), "azimuth": list(range(0, 181, 10)),
    "pressure_hpa": [1013.25], "streams": 24,
}  # fmt: skip

KINDS: Final[dict[str, JobKind]] = {
    "composite": JobKind(process="composite", inputs={"field": POND, "period": "dekad", "statistics": ["mean"]}),
    "trend, in strips": JobKind(process="trend", inputs={"field": POND, "datetime": "2020-01-01/2020-01-12"}),
    "flux": JobKind(process="air-sea-co2-flux", inputs=_FLUX | _SIX_DAYS, outputs={"flux": {}}),
    "formula, published": JobKind(
        process="band-math",
        inputs=_SIX_DAYS
        | {
            "formula": "t * 2", "fields": {"t": POND}, "variable": "double", "title": "Double", "unit": "degC",
            "publish": {"id": PUBLISHED, "title": "Warmth"},
        },
        publishes=PUBLISHED,
    ),
    "join, in leaves on the cluster": JobKind(
        process="spatial-join",
        inputs={"left": {"file": "left.parquet"}, "right": {"file": "right.parquet"}, "engine": "cluster"},
    ),
    "export of one file": JobKind(
        process="export", inputs=POND | {"datetime": "2020-01-01/2020-01-10", "format": "netcdf"}
    ),
    "export of many files": JobKind(process="export", inputs=POND | _SIX_DAYS | {"format": "geotiff"}),
    "radiative transfer": JobKind(process="rayleigh-table", inputs=_ATMOSPHERE),
    "statistics, in parts on the cluster": JobKind(
        process="zonal-statistics",
        inputs=SEA | {"polygons": box(-180, -90, 180, 90), "datetime": "2020-01-01/2020-01-13", "statistics": ["mean"]},
        outputs={"statistics": {"format": {"mediaType": "application/json"}}},
    ),
    "budget": JobKind(
        process="regional-budget",
        inputs={"flux": POND | {"unit": "g m-2 d-1"}, "each_time_is": "day", "datetime": "../.."},
    ),
    "plot": JobKind(
        process="plot", inputs={"field": POND, "kind": "hovmoller", "bbox": {"bbox": [-180, -80, 180, 80]}}
    ),
    "contours": JobKind(
        process="contours", inputs={"field": POND, "levels": [5, 10, 15, 20, 25], "datetime": "2020-01-01/2020-01-03"}
    ),
}  # fmt: skip
"""Kinds of jobs that run side by side."""


def publish_waters(url: str, store: Path) -> None:
    """Two waters over 28 days, on which few maps take turns."""
    engine = create_engine(driver_url(url), poolclass=NullPool)
    for name, (height, count) in _ROWS.items():
        cell = 180 / height
        grid = Grid(
            crs=CRS84, transform=(cell, 0.0, -180.0, 0.0, -cell, 90.0), width=2 * height, height=height
        )  # fmt: skip
        rows, columns = np.mgrid[:height, : 2 * height]
        ground = 15 + 14 * np.sin(rows / 150) * np.cos(columns / 200)
        steps: dict[str | None, NDArray[Any]] = {
            f"2020-01-0{day}": np.round(ground + 0.1 * day, 2).astype("float32") for day in range(1, count + 1)
        }
        made = publication(store, name, steps, grid, unit="degC")
        days = [parse_time(f"2020-01-{day:02d}") for day in range(1, _DAYS + 1)]
        granules = tuple(
            replace(made.granules[number % count], time=day.text, key=day.start, start_key=day.start, end_key=day.end)
            for number, day in enumerate(days)
        )
        Repository(engine).publish(replace(made, granules=granules))
    engine.dispose()


def write_features(folder: Path) -> None:
    """Two sets of squares, GeoParquet in longitudes and latitudes."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    meta = (
        b'{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":[]}}}'
    )
    for name in ("left", "right"):
        west, south = random.uniform(-170, 170, _FEATURES), random.uniform(-80, 80, _FEATURES)
        wkb = shapely.to_wkb(shapely.box(west, south, west + 0.2, south + 0.2))
        table = pa.table({"geometry": pa.array(wkb, type=pa.binary())}).replace_schema_metadata({b"geo": meta})
        pq.write_table(table, folder / f"{name}.parquet")
