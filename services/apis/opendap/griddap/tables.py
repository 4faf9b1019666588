"""Values as tables: CSV in three forms, JSON and HTML, row by row."""

from __future__ import annotations

from html import escape
from itertools import product, zip_longest
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from services.gridded.reading import blocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from services.apis.opendap.arrays import ServedArray, ServedDataset
    from services.apis.opendap.griddap.query import GridQuery
    from services.apis.opendap.griddap.view import GridView

_BLOCK: Final = 1 << 16
type Row = tuple[str, ...]


class Table:
    """The answer to a query as rows of texts; missing values are None.

    Attributes:
        names: Names of the columns.
        units: Their units, "UTC" for times; empty where there are none.
        types: Their types in ERDDAP's words.
    """

    def __init__(self, view: GridView, dataset: ServedDataset, query: GridQuery) -> None:
        self._axes = [axis for axis in view.axes if axis.name in query.axes]
        self._steps = [steps for axis, steps in zip(view.axes, query.slab, strict=True) if axis.name in query.axes]
        self._fields = [dataset.arrays[name] for name in query.fields]
        self._slab = query.slab
        self.names = (*(axis.name for axis in self._axes), *query.fields)
        self.units = (
            *("UTC" if axis.is_time else str(axis.attributes.get("units", "")) for axis in self._axes),
            *(str(field.attributes.get("units", "")) for field in self._fields),
        )
        self.types = (
            *("String" if axis.is_time else "double" for axis in self._axes),
            *(java_type(field.dtype) for field in self._fields),
        )

    def rows(self) -> Iterator[tuple[str | None, ...]]:
        """Iterate over the rows, the last axis fastest."""
        if not self._fields:
            columns = [[axis.texts[n] for n in steps] for axis, steps in zip(self._axes, self._steps, strict=True)]
            yield from zip_longest(*columns)
            return
        for slab in blocks(self._slab, _BLOCK):
            texts = [[axis.texts[n] for n in steps] for axis, steps in zip(self._axes, slab, strict=True)]
            values = [_texts(field, np.concatenate(list(field.read(slab)))) for field in self._fields]
            for place, *row in zip(product(*texts), *values, strict=True):
                yield (*place, *row)


def java_type(dtype: np.dtype[Any]) -> str:
    """The name of a type in ERDDAP."""
    return {"uint8": "ubyte", "int16": "short", "uint16": "ushort", "int32": "int", "uint32": "uint"}.get(
        dtype.name, {"float32": "float", "float64": "double"}.get(dtype.name, "String")
    )


def _texts(field: ServedArray, values: NDArray[Any]) -> list[str | None]:
    fill = field.attributes.get("_FillValue")
    missing = np.zeros(values.shape, bool) if fill is None else values == fill
    if values.dtype.kind == "f":
        missing |= ~np.isfinite(values)
    texts: list[str | None] = values.astype(np.str_).tolist()
    for place in np.flatnonzero(missing):
        texts[place] = None
    return texts


def csv(table: Table, form: str) -> Iterator[bytes]:
    """Comma-separated values: `csv` has a line of names and one of units, `csvp` both in one, `csv0` none."""
    if form == "csv":
        yield f"{','.join(map(_cell, table.names))}\n{','.join(map(_cell, table.units))}\n".encode()
    elif form == "csvp":
        heads = (f"{name} ({unit})" if unit else name for name, unit in zip(table.names, table.units, strict=True))
        yield f"{','.join(map(_cell, heads))}\n".encode()
    yield from _joined(",".join("NaN" if text is None else text for text in row) + "\n" for row in table.rows())


def csv_of(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A table of texts as comma-separated values."""
    return "".join(",".join(map(_cell, row)) + "\n" for row in (columns, *rows)).encode()


def json_of(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    """A table of texts as ERDDAP's JSON."""
    table = {"columnNames": columns, "columnTypes": ["String"] * len(columns), "rows": [list(row) for row in rows]}
    return orjson.dumps({"table": table}, option=orjson.OPT_APPEND_NEWLINE)


def _cell(text: str) -> str:
    """A text as a cell, in quotation marks where it needs them (RFC 4180)."""
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


def _joined(lines: Iterable[str], *, most: int = 5000) -> Iterator[bytes]:
    """Lines in pieces."""
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) >= most:
            yield "".join(waiting).encode()
            waiting = []
    yield "".join(waiting).encode()


def json(table: Table) -> Iterator[bytes]:
    """ERDDAP's JSON: names, types, units and rows; missing values are null."""
    head = {"columnNames": table.names, "columnTypes": table.types, "columnUnits": [u or None for u in table.units]}
    yield b'{"table":' + orjson.dumps(head)[:-1] + b',"rows":['
    is_text = [type_ == "String" for type_ in table.types]

    def lines() -> Iterator[str]:
        separator = "\n"
        for row in table.rows():
            cells = (
                "null" if text is None else f'"{text}"' if quoted else text
                for text, quoted in zip(row, is_text, strict=True)
            )
            yield f"{separator}[{','.join(cells)}]"
            separator = ",\n"

    yield from _joined(lines())
    yield b"\n]}}\n"


_PAGE: Final = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Table</title></head><body>
<table border="1" cellpadding="6" cellspacing="0">
"""


def html(names: Iterable[str], units: Iterable[str], rows: Iterable[Iterable[str | None]]) -> Iterator[bytes]:
    """A page with one table, whose addresses are links."""
    yield _PAGE
    for cells in (names, units):
        if any(cells := list(cells)):
            yield ("<tr>" + "".join(f"<th>{escape(text)}</th>" for text in cells) + "</tr>\n").encode()
    yield from _joined("<tr>" + "".join(f"<td>{_linked(text or '')}</td>" for text in row) + "</tr>\n" for row in rows)
    yield b"</table>\n</body></html>\n"


def _linked(text: str) -> str:
    shown = escape(text)
    return f'<a href="{shown}">{shown}</a>' if text.startswith(("http://", "https://")) else shown
