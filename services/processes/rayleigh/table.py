"""The process `rayleigh-table`: geometry and bands as parts, a NetCDF file as the answer."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import PurePosixPath
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from cog.science.rayleigh import DEPOLARIZATION, STANDARD_HPA, optical_depth, require_axis
from cog.writers.array_netcdf import NamedArray, write_arrays
from config.errors import InvalidInput, InvalidParameter, TooLarge
from config.vocabulary import NETCDF
from services.compute.execution import ALONE_CELLS
from services.ingest.publishing.tables import TableFile
from services.processes.maps.answers import expiry
from services.processes.maps.publication import Lineage
from services.processes.rayleigh.description import TABLE_TEXTS
from services.processes.tables.publication import publish_record, require_publishable_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from services.compute.staging import StagedFile
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

MOST_SECONDS: Final = 100_000.0
"""Most seconds of a core that a table may take, by the estimate."""
_SOLVER: Final = "cog.science.radiative"
"""Imported where it solves: it takes a second."""
_CELLS_PER_SECOND: Final = ALONE_CELLS / 20
"""Cells that stand for a second of work: a table of more than 20 seconds spreads over the cluster."""
_SECONDS: Final = (1e-6, 1e-7)
"""Seconds of a solution, and of each band in it, per Fourier mode, layer, power 2.3 of the streams and square of the
Stokes components; measured on one core."""
_AIR_MODES: Final = 3
"""Fourier modes of light that air alone scatters."""
_STOKES: Final = "IQU"


@dataclass(frozen=True, kw_only=True)
class SunPart:
    """One sun angle at one pressure, all bands.

    Attributes:
        atmosphere: Arguments of `cog.science.radiative.Atmosphere`, but for the layers.
        layers: Arguments of its layers.
        sun: Degrees.
        view: Degrees.
        azimuth: Degrees.
        cells: Its cost.
    """

    atmosphere: dict[str, Any]
    layers: tuple[dict[str, Any], ...]
    sun: float
    view: tuple[float, ...]
    azimuth: tuple[float, ...]
    cells: int


@dataclass(frozen=True, kw_only=True)
class TablePlan:
    """The axes of a table, and a part for each pressure and sun angle."""

    parts: tuple[SunPart, ...]
    bands: tuple[str, ...]
    taus: NDArray[np.float64]
    axes: dict[str, NDArray[np.float64]]
    stokes: int
    parameters: dict[str, Any]
    began: float


class RayleighTable:
    """Reflectance, transmittance and spherical albedo of an atmosphere."""

    description: ClassVar[Mapping[str, Any]] = TABLE_TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TABLE_TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> None:
        """The axes rise, the layers make one atmosphere, and the table takes no longer than is allowed."""
        lay_out(request.inputs)
        require_publishable_table(request.inputs.get("publish"), context)

    def plan(self, request: ExecuteRequest, environment: Environment) -> TablePlan:
        """A part for each pressure and sun angle: all views of one sun angle come from one solution."""
        del environment
        return lay_out(request.inputs)

    def part(self, part: SunPart, environment: Environment) -> Any:
        """Solve one sun angle."""
        solver = resolve_name(_SOLVER)
        layers = tuple(solver.ScatteringLayer(**layer) for layer in part.layers)
        environment.report(10, f"Solving a sun zenith angle of {part.sun:g} degrees")
        return solver.solve_sun(solver.Atmosphere(layers=layers, **part.atmosphere), part.sun, part.view, part.azimuth)

    def combine(
        self, request: ExecuteRequest, plan: TablePlan, results: Sequence[Any], environment: Environment
    ) -> Mapping[str, Any]:
        """Write the table."""
        arrays = _arrays(plan, results)
        sizes = {
            "band": len(plan.bands),
            **{name: len(axis) for name, axis in plan.axes.items()},
            "stokes": plan.stokes,
        }
        attributes = {
            "Conventions": "CF-1.11",
            "title": "Rayleigh reflectance by vector radiative transfer",
            "source": f"sasktran2 {version('sasktran2')}, discrete ordinates; Graticule {version('graticule')}",
            "history": f"Computed by the process rayleigh-table 1.0.0 with {json.dumps(plan.parameters)}",
            "references": "Natraj et al. 2009, Astrophys. J. 691, 1909; Bodhaine et al. 1999, JTECH 16, 1854",
        }
        file = environment.staging.write("rayleigh.nc", lambda path: write_arrays(path, arrays, sizes, attributes))
        summary = {
            "sizes": sizes,
            "tau": dict(zip(plan.bands, plan.taus.tolist(), strict=True)),
            "pressure_of_tau_hpa": STANDARD_HPA,
            "seconds": round(time.time() - plan.began, 2),
        }
        publication = _published(request.inputs.get("publish"), file, plan, environment)
        return {"table": _link(file, environment), "summary": summary, **publication}


def _published(
    publish: Mapping[str, Any] | None, file: StagedFile, plan: TablePlan, environment: Environment
) -> dict[str, Any]:
    if not publish:
        return {}
    table = TableFile(
        stem="rayleigh",
        ending="nc",
        media_type=NETCDF,
        title={"en": "Table as NetCDF", "zh": "表（NetCDF）"},
        body=(environment.context.store / file.href).read_bytes(),
    )
    lineage = Lineage(process="rayleigh-table", version="1.0.0", fields=(), parameters=plan.parameters)
    return publish_record(publish, [table], lineage, environment)


def _link(file: StagedFile, environment: Environment) -> dict[str, Any]:
    settings = environment.context.settings
    job, part, name = PurePosixPath(file.href).parts[-3:]
    return {
        "href": f"{settings.base_url}/jobs/{job}/files/{part}/{name}",
        "type": NETCDF,
        "bytes": file.size,
        "sha256": file.sha256,
        "expires": expiry(settings.limit.job_days),
    }


def lay_out(inputs: Mapping[str, Any]) -> TablePlan:
    """The axes and parts of a table; raises InvalidInput, InvalidParameter or TooLarge."""
    names, taus = _bands(inputs)
    axes = {
        "pressure": require_axis("pressure_hpa", inputs.get("pressure_hpa", [STANDARD_HPA])),
        "sun_zenith": require_axis("sun_zenith", inputs.get("sun_zenith", np.arange(0, 81, 5))),
        "view_zenith": require_axis("view_zenith", inputs.get("view_zenith", np.arange(0, 71, 5))),
        "azimuth": require_axis("azimuth", inputs.get("azimuth", np.arange(0, 181, 10))),
    }
    streams, stokes = int(inputs.get("streams", 40)), int(inputs.get("stokes", 3))
    if streams % 2:
        raise InvalidParameter("streams", streams, "give an even number")
    if stokes == 2:
        raise InvalidParameter("stokes", stokes, "give 3 (I, Q, U) or 1 (I)")
    layers = tuple(
        {**layer, "moments": tuple(layer.get("moments", (1.0,)))} for layer in inputs.get("layers", [{"rayleigh": 1.0}])
    )
    if abs(sum(layer["rayleigh"] for layer in layers) - 1) > 1e-9:
        raise InvalidInput("layers: their shares of the Rayleigh optical depth must add up to 1")
    if any(layer["moments"][0] != 1 for layer in layers):
        raise InvalidInput("layers: the first of the moments is 1")
    order = int(inputs.get("azimuth_order", 0))
    modes = order or (_AIR_MODES if all(len(layer["moments"]) <= _AIR_MODES for layer in layers) else streams)
    effort = 4 * modes * streams**2.3 * stokes**2 * len(layers)
    seconds = effort * (_SECONDS[0] + _SECONDS[1] * len(names))
    total = seconds * len(axes["pressure"]) * len(axes["sun_zenith"])
    if total > MOST_SECONDS:
        raise TooLarge(
            f"the table would take about {total:.0f} seconds of a core, the limit is {MOST_SECONDS:.0f}: ask for fewer "
            "angles, bands, streams or a smaller azimuth_order"
        )
    shared = {
        "depolarization": float(inputs.get("depolarization", DEPOLARIZATION)),
        "albedo": float(inputs.get("albedo", 0.0)),
        "streams": streams,
        "azimuth_order": modes,
        "stokes": stokes,
    }
    parts = tuple(
        SunPart(
            atmosphere={**shared, "taus": tuple((taus * pressure / STANDARD_HPA).tolist())},
            layers=layers,
            sun=float(sun),
            view=tuple(axes["view_zenith"].tolist()),
            azimuth=tuple(axes["azimuth"].tolist()),
            cells=max(1, int(seconds * _CELLS_PER_SECOND)),
        )
        for pressure in axes["pressure"]
        for sun in axes["sun_zenith"]
    )
    parameters = {**shared, "layers": [dict(layer) for layer in layers]}
    return TablePlan(
        parts=parts, bands=names, taus=taus, axes=axes, stokes=stokes, parameters=parameters, began=time.time()
    )


def _bands(inputs: Mapping[str, Any]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    if ("wavelengths_nm" in inputs) == ("bands" in inputs):
        raise InvalidInput("give wavelengths_nm, or bands with name and tau; not both")
    if "bands" in inputs:
        names = tuple(band["name"] for band in inputs["bands"])
        if len(set(names)) < len(names):
            raise InvalidInput("bands: each name once")
        return names, np.array([band["tau"] for band in inputs["bands"]], dtype="float64")
    waves = require_axis("wavelengths_nm", inputs["wavelengths_nm"])
    return tuple(f"{wave:g}" for wave in waves), optical_depth(waves)


def _arrays(plan: TablePlan, results: Sequence[Any]) -> list[NamedArray]:
    """The variables of the file, whose parts come by pressure and sun angle."""
    shape = (len(plan.axes["pressure"]), len(plan.axes["sun_zenith"]))
    reflectance = np.stack([each.reflectance for each in results]).reshape(*shape, *results[0].reflectance.shape)
    transmittance = np.stack([each.transmittance for each in results]).reshape(*shape, len(plan.bands), -1)
    sun = np.stack([each.sun_transmittance for each in results]).reshape(*shape, len(plan.bands))
    spherical = np.stack([each.spherical_albedo for each in results]).reshape(*shape, len(plan.bands))
    names = np.array(plan.bands, dtype=object)
    angles = ("pressure", "sun_zenith")
    unit = {"pressure": "hPa"}
    axes = [
        _array(name, (name,), axis, {"units": unit.get(name, "degree"), "long_name": name.replace("_", " ")})
        for name, axis in plan.axes.items()
    ]
    return [
        _array("band", ("band",), names, {"long_name": "band"}),
        *axes,
        _array("stokes", ("stokes",), np.array(list(_STOKES[: plan.stokes]), dtype=object), {"long_name": "Stokes"}),
        _array("tau", ("band",), plan.taus, {"units": "1", "long_name": "Rayleigh optical depth at 1013.25 hPa"}),
        _array(
            "reflectance",
            ("band", *angles, "view_zenith", "azimuth", "stokes"),
            np.moveaxis(reflectance, 2, 0),
            {"units": "1", "long_name": "pi (I, Q, U) / (mu0 F) at the top; azimuth 0 is forward scattering"},
        ),
        _array(
            "transmittance",
            ("band", "pressure", "view_zenith"),
            np.moveaxis(transmittance[:, 0], 1, 0),
            {"units": "1", "long_name": "total transmittance along a view"},
        ),
        _array(
            "sun_transmittance",
            ("band", *angles),
            np.moveaxis(sun, 2, 0),
            {"units": "1", "long_name": "total transmittance along the sun's light"},
        ),
        _array(
            "spherical_albedo",
            ("band", "pressure"),
            np.moveaxis(spherical[:, 0], 1, 0),
            {"units": "1", "long_name": "spherical albedo of the atmosphere from below"},
        ),
    ]


def _array(name: str, dimensions: tuple[str, ...], values: NDArray[Any], attributes: Mapping[str, Any]) -> NamedArray:
    def blocks() -> Iterator[tuple[tuple[slice, ...], NDArray[Any]]]:
        yield tuple(slice(0, size) for size in values.shape), values

    dtype = np.dtype(str) if values.dtype == object else np.dtype("float64")
    return NamedArray(name=name, dimensions=dimensions, dtype=dtype, attributes=attributes, blocks=blocks)
