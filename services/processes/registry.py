"""The processes that are published, by id: our own, and those of other packages.

A package publishes a process by an entry point of the group `graticule.processes`, whose name is the id of the process
and whose value its class: `flood = "my_package.flood:Flood"`. Modules are imported when a process is first used.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

from config.errors import ProcessNotFound
from services.compute.executor import ExecutionConfig

if TYPE_CHECKING:
    from config.settings import Settings
    from services.processes.protocol import AnyProcess

GROUP: Final = "graticule.processes"
_EXECUTOR: Final = "services.processes.executor:ProcessExecutor"
"""The executor of processes, as the cluster refers to it."""
_OURS: Final = {
    "echo": "services.processes.echo:Echo",
    "zonal-statistics": "services.processes.zonal.process:ZonalStatistics",
    "air-sea-co2-flux": "services.processes.carbon_flux.process:CarbonFlux",
    "trend": "services.processes.trend.process:Trend",
    "match-up": "services.processes.matchup.process:MatchUp",
    "section-transport": "services.processes.section.process:SectionTransport",
    "regional-budget": "services.processes.regional_budget:RegionalBudget",
    "time-series": "services.processes.time_series:TimeSeries",
    "composite": "services.processes.composite.process:Composite",
    "band-math": "services.processes.band_math:BandMath",
    "regrid": "services.processes.regrid:Regrid",
    "plot": "services.processes.plot.process:Plot",
    "animation": "services.processes.animation.process:Animation",
    "contours": "services.processes.contours.process:ContourProcess",
    "export": "services.processes.export.process:ExportProcess",
    "rayleigh-table": "services.processes.rayleigh.table:RayleighTable",
    "rayleigh-correct": "services.processes.rayleigh.correct:RayleighCorrect",
    "spatial-join": "services.processes.join.process:SpatialJoin",
}
_USED: Final = (
    *("exactextract", "geoalchemy2", "orjson", "psycopg", "rasterio", "sqlalchemy.dialects.postgresql.psycopg"),
    *("cog.gdal", "records.datasets.catalogue", "records.database.engine", "services.web.context"),
)
"""Modules that executions import at their first use."""


@cache
def _classes() -> dict[str, str]:
    """The class of each process, as "package.module:Class"; an id of ours stays ours."""
    return {**_OURS, **{point.name: point.value for point in entry_points(group=GROUP) if point.name not in _OURS}}


def process_ids() -> list[str]:
    """The ids of all processes, in the order of their publication."""
    return list(_classes())


def process(process_id: str) -> AnyProcess:
    """The process of that id; raises ProcessNotFound."""
    reference = _OURS.get(process_id) or _classes().get(process_id)
    if reference is None:
        raise ProcessNotFound(f"there is no process {process_id[:80]!r}; /processes lists them")
    return cast("AnyProcess", pkgutil.resolve_name(reference)())


def forget() -> None:
    """Have the processes of other packages looked up again."""
    _classes.cache_clear()


def execution_config(settings: Settings) -> ExecutionConfig:
    """The configuration of Dask workers that execute the processes; `database.url` is set."""
    return ExecutionConfig.of(settings, executor=_EXECUTOR, modules=modules())


def modules() -> tuple[str, ...]:
    """The modules that executions need: the child processes of a Dask worker share one import of them."""
    return (_EXECUTOR.partition(":")[0], *(name.partition(":")[0] for name in _classes().values()), *_USED)
