"""Global attributes of a file or array dataset: where it comes from, and who is to be credited (CF 1.11, 2.6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.datasets.models import text_in
from services.web import attribution

if TYPE_CHECKING:
    from records.datasets.models import Dataset


def global_attributes(dataset: Dataset, base_url: str, *, processing: str = "") -> dict[str, str]:
    """Compose the global attributes, without a clock: the same request of the same version has the same bytes.

    Args:
        dataset: The dataset.
        base_url: Base URL of the service.
        processing: What was done to the data since it was published, for `history`.
    """
    credit = attribution.attributes(dataset)
    attributes = {
        "title": text_in(dataset.title) or dataset.id,
        "collection": dataset.id,
        "source": text_in(dataset.description),
        **{name: text for name, text in credit.items() if name != "references"},
        "references": " ".join([f"{base_url}/collections/{dataset.id}", credit.get("references", "")]),
        "history": f"{dataset.updated:%Y-%m-%dT%H:%M:%SZ} Graticule: version {dataset.version} of collection "
        f"{dataset.id}" + (f", {processing}" if processing else ""),
    }
    if dataset.time is not None and dataset.time.climatology:
        attributes["comment"] = "The times are means over many years; the year of a time is nominal."
    return {name: text.strip() for name, text in attributes.items() if text}
