"""Apache Sedona on Spark, where it is installed: partitions by a KDB tree, on one machine or a cluster of Spark."""

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
    """The rows of a statement over `l` and `r`.

    Args:
        statement: SQL, with `{quote}` around names.
        paths: GeoParquet files of each side, where Spark's workers see them too.
        folder: For the rows, likewise.
        settings: Name the master of Spark, its memory and Sedona's jars.
    """
    spark_settings = settings.spark
    sedona: Any = resolve_name("sedona.spark:SedonaContext")
    config = (
        sedona.builder()
        .master(spark_settings.master)
        .appName("graticule")
        .config("spark.jars", spark_settings.jars)
        .config("spark.driver.memory", spark_settings.memory)
        .config("spark.local.dir", str(folder))
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark = sedona.create(config)
    try:
        for side, view in (("left", "l"), ("right", "r")):
            spark.read.format("geoparquet").load(list(paths[side])).createOrReplaceTempView(view)
        target = folder / "rows"
        spark.sql(statement.replace("{quote}", "`")).write.parquet(str(target))
    finally:
        spark.stop()
    for path in sorted(target.glob("*.parquet")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS):
                yield pa.Table.from_batches([batch])
