"""Datasets with many times, levels or credits, whose files are one: what is tested of them are words and links."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from config.times import key_label, parse_time
from records.datasets.models import Granule, LayerAxis
from records.datasets.publication import Publication
from tests.support.rasters import global_grid, publication

if TYPE_CHECKING:
    from pathlib import Path


def long_series(
    store: Path, count: int, *, step: timedelta = timedelta(days=1), dataset_id: str = "long"
) -> Publication:
    """A dataset of `count` times from 1980 on, all with the same file."""
    made = publication(store, "long", {None: np.ones((4, 8), "float32")}, global_grid(8, 4))
    (only,) = made.granules
    first = datetime(1980, 1, 1, tzinfo=UTC)
    labels = (f"{first + n * step:%Y-%m-%dT%H:%M:%SZ}" for n in range(count))
    return replace(made, granules=tuple(_at(only, label) for label in labels))


def climatology(store: Path, dataset_id: str = "clim") -> Publication:
    """Twelve monthly means of many years."""
    made = publication(store, dataset_id, {None: np.ones((4, 8), "float32")}, global_grid(8, 4))
    (only,) = made.granules
    return replace(made, granules=tuple(_at(only, f"2003-{n:02d}") for n in range(1, 13)), climatology=True)


def with_levels(store: Path, dataset_id: str = "deep") -> Publication:
    """A dataset of three depths without time."""
    made = publication(store, dataset_id, {None: np.ones((4, 8), "float32")}, global_grid(8, 4))
    labels = ("0", "10", "50")
    axis = LayerAxis(name="depth", unit="m", positive="down", labels=labels)
    variable = replace(made.variables[0], levels=axis)
    granules = tuple(replace(made.granules[0], layer=label) for label in labels)
    return replace(made, variables=(variable,), granules=granules)


def credited(store: Path, dataset_id: str = "cited") -> Publication:
    """A dataset with licence, attribution, DOI and CSTR."""
    made = publication(store, dataset_id, {"2006-05": np.ones((4, 8), "float32")}, global_grid(8, 4))
    properties = made.record["properties"] | {
        "license": "CC-BY-4.0",
        "externalIds": [
            {"scheme": "doi", "value": "10.1234/abc.5"},
            {"scheme": "cstr", "value": "16666.11.example.42"},
            {"scheme": "urn", "value": "urn:x:1"},
        ],
        "contacts": [{"name": "Ocean Data Centre", "roles": ["distributor"]}],
        "keywords": {"en": ["ocean"], "zh": ["海洋"]},
    }
    record = made.record | {"properties": properties}
    return replace(made, record=record, license="CC-BY-4.0", attribution="© Ocean <Data> & Centre")


def _at(granule: Granule, label: str) -> Granule:
    when = parse_time(label)
    assert when.start is not None
    assert when.end is not None
    bounds = {"start": key_label(when.start), "end": key_label(when.end)}
    keys = {"key": when.start, "start_key": when.start, "end_key": when.end}
    return replace(granule, time=label, calendar="standard", **bounds, **keys)
