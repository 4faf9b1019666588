"""A request for air-sea fluxes: its checked inputs, the fields that they name, and how the flux is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cog.science.carbon_flux import FluxMethod
from cog.science.gas_transfer import TRANSFERS, GasTransfer
from config.errors import InvalidInput
from services.processes.carbon_flux.description import PER_DAY, PER_MONTH, UNITS
from services.processes.fields.field import ProcessField, field_of
from services.processes.maps.publication import Lineage
from services.processes.maps.quantity import MapQuantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_LEADING: Final = ("pco2_sea", "dpco2", "sst")
_ERRORS: Final = ("pco2_sea_uncertainty", "pco2_air_uncertainty")
_FIELDS_OF_INPUTS: Final = frozenset({*UNITS, "publish"})


@dataclass(frozen=True, kw_only=True)
class FluxQuestion:
    """A request.

    Attributes:
        inputs: The inputs by id.
        outputs: Ids of the outputs that are asked for.
        fields: The fields by name, the one with the grid of the maps first.
        method: How the flux is computed.
    """

    inputs: Mapping[str, Any]
    outputs: tuple[str, ...]
    fields: tuple[ProcessField, ...]
    method: FluxMethod

    @classmethod
    def of(cls, request: ExecuteRequest, context: Context) -> FluxQuestion:
        """Look the inputs up.

        Raises:
            CollectionNotFound, AccessRestricted, VariableNotFound: There are no such data for the caller.
            InvalidInput: Inputs contradict each other, or a unit is unknown or that of another quantity.
        """
        inputs = request.inputs
        _require_sense(inputs)
        fields = [field_of(name, inputs[name], context, unit=unit) for name, unit in UNITS.items() if name in inputs]
        leading = _leading(inputs, fields)
        fields.sort(key=lambda field: field.name != leading)
        return cls(inputs=inputs, outputs=request.outputs, fields=tuple(fields), method=_method(inputs))

    @property
    def unit(self) -> str:
        """Unit of the flux."""
        return str(self.inputs.get("units", PER_DAY))

    @property
    def is_monthly(self) -> bool:
        """Whether the flux is per month."""
        return self.unit == PER_MONTH

    @property
    def rms_wind(self) -> bool:
        """Whether the wind is a root mean square."""
        return self.inputs.get("wind_is") == "rms"

    @property
    def quantities(self) -> tuple[MapQuantity, ...]:
        """The quantities of the maps that are asked for and can be made."""
        of_pressure = () if "dpco2" in self.inputs else ("pco2_sea", "pco2_air", *_ERRORS)
        can_be_made = {"flux", "flux_uncertainty", "dpco2", "dpco2_uncertainty", *of_pressure}
        return tuple(_quantity(name, self) for name in self.outputs if name in can_be_made)

    @property
    def lineage(self) -> Lineage:
        """The lineage of the maps."""
        parameters = {name: value for name, value in self.inputs.items() if name not in _FIELDS_OF_INPUTS}
        transfer = self.method.transfer
        return Lineage(
            process="air-sea-co2-flux",
            version="1.0.0",
            fields=self.fields,
            parameters={"transfer": transfer.id, **parameters},
            notes=tuple(note for note in (_wind_note(self.inputs), transfer.source) if note),
        )


def _require_sense(inputs: Mapping[str, Any]) -> None:
    """Raise InvalidInput where inputs are missing or contradict each other."""
    air = [name for name in ("pco2_air", "xco2", "dpco2") if name in inputs]
    if len(air) != 1:
        raise InvalidInput(f"give one of pco2_air, xco2 and dpco2; there are {', '.join(air) or 'none'}")
    if ("pco2_sea" in inputs) == ("dpco2" in inputs):
        raise InvalidInput("give pco2_sea, or dpco2 instead of it")
    if "xco2" in inputs and "pressure" not in inputs:
        raise InvalidInput("xco2 needs pressure: give a collection, or 1013.25 (hPa)")
    if ("wind_moment2" in inputs) == ("wind_is" in inputs):
        raise InvalidInput('give wind_moment2, or say with wind_is whether wind is a "mean" or an "rms"; not both')
    is_rapid = inputs.get("method") == "rapid"
    if is_rapid and "dpco2" in inputs:
        raise InvalidInput("method rapid needs pco2_sea and pco2_air or xco2, not their difference")
    if inputs.get("skin", "none") != "none" and not is_rapid:
        raise InvalidInput("skin counts with method rapid alone; leave it out, or give method as rapid")
    if inputs.get("quantity") == "fco2" and "dpco2" in inputs:
        raise InvalidInput("quantity fco2 needs pco2_sea and pco2_air or xco2, not their difference")


def _leading(inputs: Mapping[str, Any], fields: list[ProcessField]) -> str:
    """The name of the field whose grid and times lead."""
    read = {field.name for field in fields if field.selection is not None}
    if not read:
        raise InvalidInput("every field is a number: name a collection for at least one of them")
    grid_name = inputs.get("grid")
    if grid_name is not None and grid_name not in read:
        raise InvalidInput(f"grid: {grid_name} is no field that is read from a collection; those are {', '.join(read)}")
    return str(grid_name or next((name for name in _LEADING if name in read), min(read)))


def _method(inputs: Mapping[str, Any]) -> FluxMethod:
    transfer = _transfer(inputs.get("transfer", "W14"))
    skin = inputs.get("skin", "none")
    uncertainty = inputs.get("uncertainty", {})
    return FluxMethod(
        transfer=transfer,
        method=inputs.get("method", "bulk"),
        skin="offset" if isinstance(skin, dict) else skin,
        skin_offset=float(skin["offset"]) if isinstance(skin, dict) else 0.0,
        quantity=inputs.get("quantity", "pco2"),
        ignores_ice=inputs.get("ice_rule") == "none",
        k_uncertainty=float(uncertainty.get("k", transfer.uncertainty)),
        k0_uncertainty=float(uncertainty.get("k0", 0.002)),
        sea_uncertainty=float(uncertainty.get("pco2_sea", 35.0)),
        air_uncertainty=float(uncertainty.get("pco2_air", 10.0)),
    )


def _transfer(value: Any) -> GasTransfer:
    if isinstance(value, str):
        return TRANSFERS[value]
    return GasTransfer(
        id="coefficients",
        constant=float(value.get("a0", 0)),
        linear=float(value.get("a1", 0)),
        square=float(value.get("a2", 0)),
        cube=float(value.get("a3", 0)),
        reference=float(value["schmidt"]),
    )


def _wind_note(inputs: Mapping[str, Any]) -> str | None:
    if "wind_moment2" in inputs:
        return None
    if inputs["wind_is"] == "rms":
        return "the square of the wind, a root mean square, was taken as its second moment"
    return "the second moment of the wind was taken as 4/pi times the square of its mean (Rayleigh distribution)"


def _quantity(name: str, question: FluxQuestion) -> MapQuantity:
    fugacity = question.method.quantity == "fco2"
    symbol = "fCO2" if fugacity else "pCO2"
    if name == "flux":
        return MapQuantity(
            id=name, title={"en": "Air-sea CO2 flux", "zh": "海气 CO2 通量"}, unit=question.unit, is_signed=True
        )
    if name == "flux_uncertainty":
        title = {"en": "Uncertainty of the air-sea CO2 flux", "zh": "海气 CO2 通量不确定度"}
        return MapQuantity(id=name, title=title, unit=question.unit, colormap="amp")
    if name == "dpco2_uncertainty":
        title = {"en": f"Uncertainty of the difference of {symbol}", "zh": f"海气 {symbol} 之差的不确定度"}
        return MapQuantity(id=name, title=title, unit="uatm", colormap="amp")
    if name in _ERRORS:
        place = {"en": "water", "zh": "海水"} if name == "pco2_sea_uncertainty" else {"en": "air", "zh": "大气"}
        title = {"en": f"Uncertainty of the {symbol} of the {place['en']}", "zh": f"{place['zh']} {symbol} 不确定度"}
        return MapQuantity(id=name, title=title, unit="uatm", colormap="amp")
    if name == "dpco2":
        title = {"en": f"{symbol} of the water less that of the air", "zh": f"海气 {symbol} 之差"}
        return MapQuantity(id=name, title=title, unit="uatm", is_signed=True)
    where = {"en": "water", "zh": "海水"} if name == "pco2_sea" else {"en": "air", "zh": "大气"}
    standard = (
        None
        if fugacity
        else "surface_partial_pressure_of_carbon_dioxide_in_" + ("sea_water" if name == "pco2_sea" else "air")
    )
    return MapQuantity(
        id=name,
        title={"en": f"{symbol} of the {where['en']}", "zh": f"{where['zh']} {symbol}"},
        unit="uatm",
        standard_name=standard,
    )
