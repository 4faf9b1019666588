"""The value at a point and the statistics of a granule, in titiler's form and in physical units; NaN is null."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path
from rasterio.crs import CRS
from rio_tiler.constants import WGS84_CRS
from rio_tiler.models import BandStatistics
from titiler.core.dependencies import CoordCRSParams
from titiler.core.models.responses import Point, Statistics
from titiler.core.resources.responses import JSONResponse

from cog.tiles.mosaic_reader import open_reader
from services.drawing.faults import translated
from services.parameters.drawing import DatasetDep, LayerDep
from services.parameters.numbers import number_source
from services.parameters.points import require_registered_crs, require_valid_point
from services.parameters.statistics import BinsDep, CountsDep, SampleDep, require_countable
from services.selection.opening.numbers import NumberSource
from services.web.dependencies import inline
from services.web.lanes import ComputationRoute
from services.web.parameters import KNOWN, json_only

_C: Final = "/collections/{collectionId}/map"
_SourceDep = Annotated[NumberSource, Depends(number_source)]
_CrsDep = Annotated[CRS | None, Depends(CoordCRSParams)]

router = APIRouter(tags=["Values"], dependencies=[KNOWN, inline(json_only)], route_class=ComputationRoute)


class PointAnswer(Point):
    """titiler's answer, and what the values are: variable, unit, and the labels of time, level and member."""

    variable: str
    unit: str | None
    time: str | None
    level: str | None
    member: str | None


@router.get(
    _C + "/point/{lon},{lat}",
    operation_id=".collection.map.getPoint",
    response_model=PointAnswer,
    response_class=JSONResponse,
    dependencies=[inline(require_valid_point), inline(require_registered_crs)],
)
def point(
    lon: Annotated[float, Path(description="Longitude")],
    lat: Annotated[float, Path(description="Latitude")],
    source: _SourceDep,
    coord_crs: _CrsDep,
    layer: LayerDep,
    dataset: DatasetDep,
) -> dict[str, Any]:
    """Get the value at a point."""
    with translated(), open_reader(source) as reader:
        values = reader.point(lon, lat, coord_crs=coord_crs or WGS84_CRS, **layer.as_dict(), **dataset.as_dict())
    return {
        "coordinates": [lon, lat],
        "values": values.array.tolist(),
        "band_names": values.band_names,
        "band_descriptions": values.band_descriptions,
        "variable": source.variable,
        "unit": source.unit,
        "time": source.time,
        "level": source.level,
        "member": source.member,
    }


@router.get(
    _C + "/statistics",
    operation_id=".collection.map.getStatistics",
    response_model=Statistics,
    response_class=JSONResponse,
)
def statistics(
    source: _SourceDep, layer: LayerDep, dataset: DatasetDep, sample: SampleDep, counts: CountsDep, bins: BinsDep
) -> dict[str, BandStatistics]:
    """Get the statistics of a sample of the cells."""
    with translated():
        with open_reader(source) as reader:
            image = reader.preview(**layer.as_dict(), **sample.as_dict(), **dataset.as_dict())
        require_countable(image, counts, bins)
        result: dict[str, BandStatistics] = image.statistics(**counts.as_dict(), hist_options=bins.as_dict())
    return result
