"""`graticule series`: the parts of long series by time, beside the COGs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from config import settings as configuration
from config.errors import EnvironmentFault, InvalidInput
from records.database.engine import make_engine
from records.datasets.models import Dataset
from records.datasets.repository import Repository
from records.datasets.series.series_parts import SeriesParts
from services.cli.output import Json, as_line
from services.cli.progress import progress_listener
from services.ingest.planning.disk_space import in_words
from services.ingest.series.building import build_series, drop_series, series_states
from services.ingest.series.planning import LEAST_STEPS
from services.ingest.series.verifying import verify_series
from services.ingest.workers import Workers
from services.serving.database import database

app = typer.Typer(
    help="Build, verify, drop and show the parts of long series by time.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_Ids = Annotated[list[str], typer.Argument(help="Datasets.")]


@app.callback()
def _series() -> None:
    """Look after the parts of series. A server builds those of long series by itself; nothing is lost without them."""


@app.command()
def build(ids: _Ids) -> None:
    """Build the parts that are missing, and from now on keep them also where a series is short (from 16 times on)."""
    settings = configuration.load()
    with database(settings, create=False) as url, Workers(limits=settings.ingest) as workers:
        engine = make_engine(url, settings.database)
        try:
            repository = Repository(engine)
            for dataset_id in ids:
                dataset = repository.dataset(dataset_id, hidden=True)
                if dataset.series != "on":
                    SeriesParts(engine).choose(dataset_id, "on")
                    dataset = repository.dataset(dataset_id, hidden=True)
                with progress_listener() as listener:
                    made = build_series(repository, settings.store_dir, dataset, workers=workers, listener=listener)
                sys.stdout.write(f"{dataset_id}\tbuilt {made} parts\n")
        except OSError as error:
            cause = f"the store {settings.store_dir} cannot be written: {error}"
            raise EnvironmentFault(f"{cause}; check its permissions and the free disk") from error
        finally:
            engine.dispose()


@app.command()
def drop(ids: _Ids) -> None:
    """Let all parts go, and make none from now on; `graticule store gc` removes their files."""
    settings = configuration.load()
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            for dataset_id in ids:
                dataset = Repository(engine).dataset(dataset_id, hidden=True)
                SeriesParts(engine).choose(dataset_id, "off")
                sys.stdout.write(f"{dataset_id}\tdropped {drop_series(Repository(engine), dataset)} parts\n")
        finally:
            engine.dispose()


@app.command()
def verify(
    ids: _Ids,
    *,
    values: Annotated[bool, typer.Option("--values", help="Compare every value with the COGs too.")] = False,
    as_json: Json = False,
) -> None:
    """Check the files and checksums of each part. Prints a line a part: right or wrong, its folder, what is wrong."""
    settings = configuration.load()
    faults = 0
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            repository = Repository(engine)
            for dataset_id in ids:
                dataset = repository.dataset(dataset_id, hidden=True)
                for check in verify_series(repository, settings.store_dir, dataset, values=values):
                    faults += bool(check.fault)
                    line = f"{'wrong' if check.fault else 'right'}\t{check.href}\t{check.fault}\n"
                    sys.stdout.write(as_line(asdict(check)) if as_json else line)
        finally:
            engine.dispose()
    if faults:
        raise InvalidInput(f"{faults} parts are wrong; `graticule series drop` and then `build` make them anew")


@app.command()
def status(
    ids: Annotated[list[str] | None, typer.Argument(help="Datasets; absent: all.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Print a line a series: dataset, variable, layer, times, times in parts, parts, parts to be built, and bytes."""
    settings = configuration.load()
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            repository = Repository(engine)
            for dataset_id in ids or repository.dataset_ids(hidden=True):
                _print_states(repository, repository.dataset(dataset_id, hidden=True), as_json=as_json)
        finally:
            engine.dispose()


def _print_states(repository: Repository, dataset: Dataset, *, as_json: bool) -> None:
    for state in series_states(repository, dataset):
        if as_json:
            document = {"dataset": dataset.id, "choice": dataset.series, "automatic_from": LEAST_STEPS}
            sys.stdout.write(as_line(document | asdict(state)))
            continue
        columns = [
            dataset.id,
            state.variable,
            state.layer or "-",
            f"{state.steps} time{'s' if state.steps != 1 else ''}",
            f"{state.in_parts} in parts",
        ]
        columns += [f"{state.parts} parts", f"{state.unbuilt} to be built", in_words(state.size), dataset.series]
        sys.stdout.write("\t".join(columns) + "\n")
