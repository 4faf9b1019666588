"""ERDDAP's descriptions: NcML, the table of a dataset's attributes, and lists of datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing is parsed

import numpy as np

from records.datasets.models import text_in
from services.apis.opendap.dap2 import number_text
from services.apis.opendap.griddap.tables import java_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from records.datasets.models import Dataset
    from services.apis.opendap.arrays import ServedArray, ServedDataset
    from services.apis.opendap.griddap.view import GridAxis, GridView

INFO_COLUMNS: Final = ("Row Type", "Variable Name", "Attribute Name", "Data Type", "Value")
LIST_COLUMNS: Final = (
    "griddap",
    "Subset",
    "tabledap",
    "Make A Graph",
    "wms",
    "files",
    "Accessible",
    "Title",
    "Summary",
    "FGDC",
    "ISO 19115",
    "Info",
    "Background Info",
    "RSS",
    "Email",
    "Institution",
    "Dataset ID",
)
_NCML: Final = "https://www.unidata.ucar.edu/namespaces/netcdf/ncml-2.2"
"""As ERDDAP and erddapy write it; that of NcML itself begins with http."""


def ncml(dataset: ServedDataset, url: str) -> bytes:
    """The dataset in NcML 2.2, from which erddapy learns the axes."""
    root = Element("netcdf", xmlns=_NCML, location=url)
    for name, value in dataset.attributes.items():
        _add(root, name, value)
    axes = [array for array in dataset.arrays.values() if not array.maps]
    for axis in axes:
        SubElement(root, "dimension", name=axis.name, length=str(axis.shape[0]))
    for array in dataset.arrays.values():
        shape = " ".join(name for name, _ in array.dimensions)
        variable = SubElement(root, "variable", name=array.name, shape=shape, type=java_type(array.dtype))
        for name, value in array.attributes.items():
            _add(variable, name, value)
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _add(parent: Element, name: str, value: Any) -> None:
    if isinstance(value, str):
        SubElement(parent, "attribute", name=name, value=value)
        return
    values = np.atleast_1d(np.asarray(value))
    text = " ".join(number_text(number) for number in values)
    SubElement(parent, "attribute", name=name, type=java_type(values.dtype), value=text)


def info_rows(view: GridView, dataset: ServedDataset) -> Iterator[tuple[str, ...]]:
    """The rows of `info/{id}/index`: global attributes, then each axis and variable with its attributes."""
    yield from _attribute_rows("NC_GLOBAL", dataset.attributes)
    for axis in view.axes:
        yield "dimension", axis.name, "", "double", _spacing(axis)
        yield from _attribute_rows(axis.name, axis.attributes)
    names = ", ".join(axis.name for axis in view.axes)
    for field in view.fields:
        array: ServedArray = dataset.arrays[field.name]
        yield "variable", array.name, "", java_type(array.dtype), names
        yield from _attribute_rows(array.name, array.attributes)


def _attribute_rows(name: str, attributes: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for key, value in attributes.items():
        if isinstance(value, str):
            yield "attribute", name, key, "String", value
        else:
            values = np.atleast_1d(np.asarray(value))
            yield "attribute", name, key, java_type(values.dtype), ", ".join(number_text(n) for n in values)


def _spacing(axis: GridAxis) -> str:
    count = len(axis.values)
    if count == 1:
        return "nValues=1, onlyValue=" + axis.texts[0]
    steps = np.diff(axis.values)
    average = float(steps.mean())
    even = bool(np.all(np.abs(steps - average) <= abs(average) * 1e-6))
    return f"nValues={count}, evenlySpaced={str(even).lower()}, averageSpacing={average:.10g}"


def list_rows(datasets: Sequence[Dataset], base_url: str) -> list[tuple[str, ...]]:
    """The rows of a list of datasets, with the URLs of each."""
    rows = []
    for dataset in datasets:
        here = f"{base_url}/erddap"
        values = {
            "griddap": f"{here}/griddap/{dataset.id}",
            "Accessible": "public",
            "Title": text_in(dataset.title) or dataset.id,
            "Summary": text_in(dataset.description),
            "Info": f"{here}/info/{dataset.id}/index.csv",
            "Background Info": f"{base_url}/collections/{dataset.id}",
            "Institution": dataset.attribution or "",
            "Dataset ID": dataset.id,
        }
        rows.append(tuple(values.get(column, "") for column in LIST_COLUMNS))
    return rows
