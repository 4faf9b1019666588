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
from services.processes.describing import ProcessTexts

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
    "regional-budget": "services.processes.regional_budget.process:RegionalBudget",
    "time-series": "services.processes.time_series.process:TimeSeries",
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
_TEXTS: Final = {
    "air-sea-co2-flux": "services.processes.carbon_flux.description:TEXTS",
    "trend": "services.processes.trend.description:TEXTS",
    "match-up": "services.processes.matchup.description:TEXTS",
    "regional-budget": "services.processes.regional_budget.description:TEXTS",
    "time-series": "services.processes.time_series.description:TEXTS",
    "contours": "services.processes.contours.description:TEXTS",
    "export": "services.processes.export.description:TEXTS",
    "rayleigh-table": "services.processes.rayleigh.description:TABLE_TEXTS",
    "rayleigh-correct": "services.processes.rayleigh.description:CORRECT_TEXTS",
    "spatial-join": "services.processes.join.description:TEXTS",
}
"""Descriptions that stand apart from their processes, whose libraries (numba, scipy, pandas) only executions need."""
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


def texts(process_id: str) -> ProcessTexts:
    """What the process of that id says of itself, without what computes it; raises ProcessNotFound."""
    if process_id in _TEXTS:
        return cast("ProcessTexts", pkgutil.resolve_name(_TEXTS[process_id]))
    implementation = process(process_id)
    chinese = getattr(implementation, "chinese", {})
    return ProcessTexts(english=dict(implementation.description), chinese=dict(chinese))


def forget() -> None:
    """Have the processes of other packages looked up again."""
    _classes.cache_clear()


def execution_config(settings: Settings) -> ExecutionConfig:
    """The configuration of Dask workers that execute the processes; `database.url` is set."""
    return ExecutionConfig.of(settings, executor=_EXECUTOR, modules=modules())


def modules() -> tuple[str, ...]:
    """The modules that executions need: the child processes of a Dask worker share one import of them."""
    return (_EXECUTOR.partition(":")[0], *(name.partition(":")[0] for name in _classes().values()), *_USED)
