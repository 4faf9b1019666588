"""`graticule mosaics`: the overviews across the sheets of datasets, listed and built again."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cog import gdal
from config import settings as configuration
from config.errors import EnvironmentFault
from config.layers import level_of, member_of
from records.database.engine import make_engine
from records.datasets.mosaic_overviews import overviews_of
from records.datasets.publication import MosaicOverview
from records.datasets.repository import Repository
from services.cli.output import Json, print_objects
from services.cli.progress import progress_listener
from services.ingest.mosaics.rebuilding import rebuild
from services.ingest.workers import Workers
from services.serving.database import database

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="List the overviews across the sheets of datasets, and build them again.",
)


@app.command("build")
def build(
    ids: Annotated[list[str] | None, typer.Argument(help="Datasets; absent: all that have sheets.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are there and undamaged.")] = False,
) -> None:
    """Build the overviews that are missing or damaged. Prints dataset, how many it has, and how many are new."""
    settings = configuration.load()
    gdal.configure(settings.gdal_cache_mb)
    with (
        database(settings, create=False) as url,
        progress_listener() as listener,
        Workers(limits=settings.ingest) as workers,
    ):
        engine = make_engine(url, settings.database)
        try:
            repository = Repository(engine)
            for dataset_id in ids or repository.dataset_ids(hidden=True):
                there, made = rebuild(
                    repository,
                    settings.store_dir,
                    dataset_id,
                    everything=everything,
                    workers=workers,
                    listener=listener,
                )
                if there or ids:
                    _print(f"{dataset_id}\t{len(there)}\t{made}")
        except OSError as error:
            raise EnvironmentFault(f"the store {settings.store_dir} cannot be written: {error}") from error
        finally:
            engine.dispose()


@app.command("list")
def list_(
    ids: Annotated[list[str] | None, typer.Argument(help="Datasets; absent: all.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """List the overviews: dataset/variable, time, layer, sheets, factor, rows x columns, bytes."""
    settings = configuration.load()
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            repository = Repository(engine)
            names = [repository.dataset(id_, hidden=True).id for id_ in ids or repository.dataset_ids(hidden=True)]
            overviews = [(name, one) for name in names for one in overviews_of(engine, name)]
        finally:
            engine.dispose()
    if as_json:
        print_objects(_document(name, one) for name, one in overviews)
        return
    for name, one in overviews:
        _print("\t".join(_row(name, one)))


def _row(name: str, one: MosaicOverview) -> Sequence[str]:
    return (
        f"{name}/{one.variable_id}",
        one.time or "",
        one.layer or "",
        str(len(one.sheets)),
        f"1:{one.factor}",
        f"{one.grid.height} x {one.grid.width}",
        str(one.asset.size),
    )


def _document(name: str, one: MosaicOverview) -> dict[str, object]:
    return {
        "dataset": name,
        "variable": one.variable_id,
        "time": one.time,
        "level": level_of(one.layer),
        "member": member_of(one.layer),
        "sheets": len(one.sheets),
        "factor": one.factor,
        "shape": [one.grid.height, one.grid.width],
        "href": one.asset.href,
        "bytes": one.asset.size,
    }


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
