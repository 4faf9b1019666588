"""SedonaDB, where it is installed: one process, out of core."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from config.settings import Settings

_BATCH_ROWS = 131_072


def run_statement(
    statement: str, paths: Mapping[str, Sequence[str]], folder: Path, settings: Settings
) -> Iterator[pa.Table]:
    """The rows of a statement over `l` and `r`, ordered by the numbers of the features.

    Args:
        statement: SQL, with `{quote}` around names.
        paths: GeoParquet files of each side.
        folder: For the rows.
        settings: Not used.
    """
    del settings
    context: Any = resolve_name("sedonadb:connect")()
    for side, view in (("left", "l"), ("right", "r")):
        frame: Any = context.read_parquet(list(paths[side]))
        frame.to_view(view)
    target = folder / "rows.parquet"
    quoted = statement.replace("{quote}", '"')
    context.sql(f'{quoted} order by "left", "right"').to_parquet(str(target), single_file_output=True)
    with pq.ParquetFile(target) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            yield pa.Table.from_batches([batch])
