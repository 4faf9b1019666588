"""The protocol of the adapters of formats."""

from __future__ import annotations

from typing import Any, Protocol, Self

from numpy.typing import NDArray

from cog.sources.models import SourceDescription


class GridSource(Protocol):
    """An open source file. Not thread-safe; a context manager that closes it."""

    @property
    def description(self) -> SourceDescription:
        """The contents of the file."""
        ...

    def read(self, variable: str, step: int, *, rows: tuple[int, int], layer: int = 0) -> NDArray[Any]:
        """The stored cells of rows [first, last) of one step and layer, as (row, column), north up and rolled.

        Layers are numbered as in `SourceVariable.layers`.
        Cells of a colour image are (band, row, column): red, green, blue and perhaps alpha.
        Cells that the source declares invalid in any way hold the variable's one `nodata` value.
        Raises SourceRefused when the file cannot be read.
        """
        ...

    def close(self) -> None:
        """Release the file."""
        ...

    def __enter__(self) -> Self:
        """The source itself."""
        ...

    def __exit__(self, *_exc: object) -> None:
        """Close it."""
        ...
