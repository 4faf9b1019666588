"""The process `rayleigh-correct`: a band less the Rayleigh reflectance of a table."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import netCDF4
import numpy as np

from cog.science.rayleigh import STANDARD_HPA, ReflectanceTable
from cog.writers.netcdf import LIBRARY
from config.errors import InvalidInput, InvalidParameter
from services.compute.staging import job_folder
from services.ingest.publishing.tables import table_path
from services.processes.fields.field import field_of
from services.processes.maps.process import MapPlan, MapProcess, MapResult
from services.processes.maps.publication import Lineage
from services.processes.maps.quantity import MapQuantity
from services.processes.maps.steps import StepPart, Values, compute_step, lay_out_steps
from services.processes.rayleigh.description import CORRECT_TEXTS

if TYPE_CHECKING:
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_FILE: Final = re.compile(r"/jobs/([0-9a-f-]{36})/files/([A-Za-z0-9_-]+)/(rayleigh\.nc)", re.ASCII)
_KEPT: Final = re.compile(r"/tables/([a-z0-9][a-z0-9-]{0,126})/(rayleigh-[0-9a-f]{12}\.nc)", re.ASCII)
"""The address of a table that was published."""
_FIELDS: Final = {
    "reflectance": "1",
    "sun_zenith": "degrees",
    "view_zenith": "degrees",
    "relative_azimuth": "degrees",
    "pressure": "hPa",
}
_QUANTITIES: Final = (
    MapQuantity(
        id="corrected",
        title={"en": "Rayleigh-corrected reflectance", "zh": "瑞利校正后反射率"},
        unit="1",
    ),
    MapQuantity(id="rayleigh", title={"en": "Rayleigh reflectance", "zh": "瑞利反射率"}, unit="1"),
)


class RayleighCorrect(MapProcess[StepPart]):
    """Reflectance less that of Rayleigh scattering."""

    texts = CORRECT_TEXTS

    def lay_out(self, request: ExecuteRequest, context: Context) -> MapPlan[StepPart]:
        """Find table and fields, and lay out a part for each time."""
        inputs = request.inputs
        path = _path_of(inputs["table"].get("href", ""), context)
        read_table(path, inputs["band"])
        values = {"pressure": STANDARD_HPA, **inputs}
        fields = [field_of(name, values[name], context, unit=unit) for name, unit in _FIELDS.items()]
        quantities = tuple(each for each in _QUANTITIES if each.id in request.outputs)
        formula = "\n".join((path, inputs["band"], inputs["azimuth_zero"]))
        layout = lay_out_steps(context, fields, inputs, quantities, formula=formula)
        lineage = Lineage(
            process="rayleigh-correct",
            version="1.0.0",
            fields=tuple(fields),
            parameters={name: inputs[name] for name in ("table", "band", "azimuth_zero")},
        )
        return MapPlan(
            grid=layout.grid, quantities=quantities, lineage=lineage, parts=layout.parts, skipped=layout.skipped
        )

    def part(self, part: StepPart, environment: Environment) -> MapResult:
        """Correct one time."""
        path, band, zero = part.formula.split("\n")
        table = read_table(path, band)

        def compute(values: Values) -> Values:
            azimuth = values["relative_azimuth"] + (180.0 if zero == "backward" else 0.0)
            rayleigh = table.at(values["pressure"], values["sun_zenith"], values["view_zenith"], azimuth)
            return {"corrected": values["reflectance"] - rayleigh, "rayleigh": rayleigh}

        return compute_step(part, environment, compute)


def _path_of(href: Any, context: Context) -> str:
    """The file of a table; raises InvalidParameter."""
    base = context.settings.base_url
    place = str(href).removeprefix(base) if str(href).startswith(f"{base}/") else ""
    if match := _KEPT.fullmatch(place):
        path = table_path(context.store, match[1], match[2])
    elif match := _FILE.fullmatch(place):
        path = job_folder(context.store, match[1]) / match[2] / match[3]
    else:
        raise InvalidParameter("table", href, f"give {{href}} of a table: {base}/jobs/{{id}}/files/combine/rayleigh.nc")
    if not path.is_file():
        raise InvalidParameter("table", href, "there is no such table; jobs and their files are kept for some days")
    return str(path)


@lru_cache(maxsize=8)
def read_table(path: str, band: str) -> ReflectanceTable:
    """The reflectance I of a band; raises InvalidInput naming the bands that there are."""
    with LIBRARY, netCDF4.Dataset(path) as file:
        bands = [str(each) for each in file["band"][:]]
        if band not in bands:
            raise InvalidInput(f"band: there is no band {band!r:.80} in the table; there are: {', '.join(bands)[:300]}")
        names = ("pressure", "sun_zenith", "view_zenith", "azimuth")
        axes = [np.ma.getdata(file[name][:]) for name in names]
        values = np.ma.getdata(file["reflectance"][bands.index(band), ..., 0])
    return ReflectanceTable(pressure=axes[0], sun=axes[1], view=axes[2], azimuth=axes[3], values=values)
