"""The document of `/dap/{collectionId}`: the arrays of a dataset and the addresses at which DAP serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.vocabulary import XML
from records.datasets.models import text_in
from services.apis.opendap.arrays import unpacked
from services.apis.opendap.dap2 import type_name
from services.apis.opendap.titles import TITLES
from services.web.links import link, representations

if TYPE_CHECKING:
    from services.apis.opendap.arrays import ServedArray
    from services.gridded.arrays import ArrayDataset
    from services.web.context import Context


def form_document(context: Context, arrays: ArrayDataset) -> dict[str, Any]:
    """The arrays as DAP 2 has them, coordinates first, and the links."""
    base_url = context.settings.base_url
    url = f"{base_url}/dap/{arrays.dataset.id}"
    dataset = unpacked(context, arrays)
    return {
        "id": arrays.dataset.id,
        "title": text_in(arrays.dataset.title) or arrays.dataset.id,
        "url": url,
        "variables": [_variable(array, is_field=array.name in arrays.fields) for array in dataset.arrays.values()],
        "links": [
            *representations(url),
            link("dds", f"{url}.dds", "text/plain", title=TITLES.phrase("dds")),
            link("das", f"{url}.das", "text/plain", title=TITLES.phrase("das")),
            link("data", f"{url}.dods", "application/octet-stream", title=TITLES.phrase("dods")),
            link("data", f"{url}.ascii", "text/plain", title=TITLES.phrase("ascii")),
            link("describedby", f"{url}.dmr.xml", XML, title=TITLES.phrase("dmr")),
            link("collection", f"{base_url}/collections/{arrays.dataset.id}"),
        ],
    }


def _variable(array: ServedArray, *, is_field: bool) -> dict[str, Any]:
    attributes = array.attributes
    described = {name: attributes[name] for name in ("long_name", "standard_name", "units") if name in attributes}
    return {
        "name": array.name,
        "type": type_name(array.dtype),
        "role": "field" if is_field else "coordinate",
        **described,
        "dimensions": [{"name": name, "size": size} for name, size in array.dimensions],
    }
