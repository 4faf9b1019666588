"""The items of a collection: its times, each with the addresses of its values (OGC 19-086r6, 8.2.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from config.boxes import plain_boxes
from config.errors import ItemNotFound
from config.times import label_to_path
from config.vocabulary import GEOJSON
from records.datasets.models import text_in
from records.documents.documents import box_geometry
from services.apis.edr.parameters import served_fields
from services.web.documents.extents import rfc3339
from services.web.links import PageSpan, link, page_links

if TYPE_CHECKING:
    from services.gridded.arrays import ArrayDataset

_STATIC = "static"
"""Id of the item of a dataset without times."""


def labels_of(arrays: ArrayDataset) -> list[str | None]:
    """Labels of the times in order; [None] where there are none."""
    axis = next(iter(arrays.times.values()), None)
    return [None] if axis is None else [step.label for step in axis.steps]


def page(arrays: ArrayDataset, base_url: str, *, limit: int, offset: int) -> dict[str, Any]:
    """A page of the items."""
    labels = labels_of(arrays)
    here = f"{base_url}/edr/collections/{arrays.dataset.id}/items"
    shown = labels[offset : offset + limit]
    span = PageSpan(offset=offset, limit=limit, shown=len(shown), matched=len(labels))
    return {
        "type": "FeatureCollection",
        "features": [_feature(arrays, base_url, label) for label in shown],
        "numberMatched": len(labels),
        "numberReturned": len(shown),
        "links": [link("self", here, GEOJSON), *page_links(here, {"limit": str(limit)}, span, type_=GEOJSON)],
    }


def item(arrays: ArrayDataset, base_url: str, item_id: str) -> dict[str, Any]:
    """One item; raises ItemNotFound."""
    for label in labels_of(arrays):
        if item_id == _id(label):
            return _feature(arrays, base_url, label)
    raise ItemNotFound(f"{arrays.dataset.id} has no item {item_id[:80]!r}; /items lists them")


def _id(label: str | None) -> str:
    return _STATIC if label is None else label_to_path(label)


def _feature(arrays: ArrayDataset, base_url: str, label: str | None) -> dict[str, Any]:
    dataset = arrays.dataset
    here = f"{base_url}/edr/collections/{dataset.id}"
    boxes = plain_boxes(dataset.bbox)
    when = "" if label is None else f"&datetime={quote(label, safe=':')}"
    west, south, east, north = dataset.bbox
    return {
        "type": "Feature",
        "id": _id(label),
        "geometry": box_geometry(boxes[0][0], dataset.bbox[1], boxes[-1][2], dataset.bbox[3]),
        "properties": {
            "datetime": None if label is None else rfc3339(label) or label,
            "label": f"{text_in(dataset.title) or dataset.id} {label or ''}".strip(),
            "parameter-name": [field.name for field in served_fields(arrays)],
            "edrqueryendpoint": f"{here}/cube?bbox={west:g},{south:g},{east:g},{north:g}{when}",
        },
        "links": [link("self", f"{here}/items/{_id(label)}", GEOJSON), link("collection", here)],
    }
