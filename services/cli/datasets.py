"""`graticule datasets`: list, show, remove and verify what is published."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cog import gdal
from config import settings as configuration
from config.settings import Settings
from records.engine import make_engine
from records.models import Dataset, Variable, text_in
from records.repository import Repository
from services.database import database
from services.ingest.locking import ingest_lock
from services.ingest.verify import verify as verify_dataset

app = typer.Typer(
    help="List, show, remove and verify datasets.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_PAGE = 200


@contextmanager
def catalogue(settings: Settings) -> Iterator[Repository]:
    """The catalogue that the settings name, while the block runs."""
    with database(settings, create=False) as url:
        engine = make_engine(url, settings.database)
        try:
            yield Repository(engine)
        finally:
            engine.dispose()


@app.command("list")
def list_datasets(*, as_json: Json = False) -> None:
    """List every dataset: id, number of variables, times, access and title."""
    with catalogue(configuration.load()) as repository:
        found = list(_all(repository))
    if as_json:
        _print_json([summary_document(d) for d in found])
        return
    for dataset in found:
        _print("\t".join(summary_line(dataset)))


def _all(repository: Repository) -> Iterator[Dataset]:
    offset = 0
    while True:
        page, total = repository.datasets(limit=_PAGE, offset=offset)
        yield from page
        offset += _PAGE
        if offset >= total:
            return


@app.command()
def show(dataset_id: Annotated[str, typer.Argument(help="Id of a dataset.")], *, as_json: Json = False) -> None:
    """Show a dataset: its extent, times, variables and styles."""
    with catalogue(configuration.load()) as repository:
        document = dataset_document(repository.dataset(dataset_id))
    if as_json:
        _print_json(document)
        return
    for line in _indented(document, 0):
        _print(line)


@app.command()
def remove(
    dataset_ids: Annotated[list[str], typer.Argument(help="Ids of datasets.")], *, as_json: Json = False
) -> None:
    """Withdraw datasets with their records; their files stay in the store until they are collected."""
    with catalogue(configuration.load()) as repository:
        for dataset_id in dataset_ids:
            repository.dataset(dataset_id)  # nothing is removed when one of the ids is wrong
        for dataset_id in dataset_ids:
            with ingest_lock(repository.engine, dataset_id, waiting=lambda: _say("waiting for an ingest to end")):
                repository.remove(dataset_id)
            if not as_json:
                _print(f"removed\t{dataset_id}")
    if as_json:
        _print_json({"removed": dataset_ids})


@app.command()
def verify(
    dataset_ids: Annotated[list[str] | None, typer.Argument(help="Ids of datasets; absent: all.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Check every file of datasets: it is there, its checksum is right, and it opens as the raster it should be."""
    settings = configuration.load()
    gdal.configure(settings.gdal_cache_mb)
    with catalogue(settings) as repository:
        results = _verified(repository, settings.store_dir, dataset_ids or repository.dataset_ids())
    faulty = [r for r in results if r["fault"]]
    if as_json:
        _print_json({"checked": len(results), "faults": faulty})
    else:
        for fault in faulty:
            _print(f"fault\t{fault['href']}\t{fault['fault']}")
        _print(f"checked {len(results)} files, {len(faulty)} faulty")
    if faulty:
        raise typer.Exit(1)


def _verified(repository: Repository, store: Path, dataset_ids: list[str]) -> list[dict[str, str]]:
    return [asdict(checked) for id_ in dataset_ids for checked in verify_dataset(repository, store, id_)]


def summary_line(dataset: Dataset) -> tuple[str, ...]:
    """Id, variables, times, access and title of a dataset, for people."""
    variables = f"{len(dataset.variables)} variable{'s' if len(dataset.variables) != 1 else ''}"
    times = f"{dataset.time.first}..{dataset.time.last} ({dataset.time.count})" if dataset.time else "no time"
    return dataset.id, variables, times, dataset.access.policy, text_in(dataset.title)


def summary_document(dataset: Dataset) -> dict[str, Any]:
    """What `list --json` shows of a dataset."""
    return {
        "id": dataset.id,
        "title": dataset.title,
        "version": dataset.version,
        "access": dataset.access.policy,
        "bbox": list(dataset.bbox),
        "time": asdict(dataset.time) if dataset.time else None,
        "variables": [v.id for v in dataset.variables],
        "updated": dataset.updated.isoformat(),
    }


def dataset_document(dataset: Dataset) -> dict[str, Any]:
    """What `show --json` shows of a dataset."""
    embargo = dataset.access.embargo_until
    return summary_document(dataset) | {
        "description": dataset.description,
        "license": dataset.license,
        "attribution": dataset.attribution,
        "embargo_until": embargo.isoformat() if embargo else None,
        "created": dataset.created.isoformat(),
        "variables": [_variable_document(v) for v in dataset.variables],
    }


def _variable_document(variable: Variable) -> dict[str, Any]:
    document = asdict(variable) | {"grid": variable.grid.to_json()}
    nodata = document["nodata"]
    return document | {"nodata": repr(nodata) if nodata is not None and nodata != nodata else nodata}  # noqa: PLR0124


def _indented(value: Any, depth: int) -> Iterator[str]:  # noqa: ANN401 - a JSON value
    """A JSON value as indented lines, for people."""
    pad = "  " * depth
    pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
    for name, inner in pairs:
        if isinstance(inner, dict | list | tuple) and inner and not _is_flat(inner):
            yield f"{pad}{name}:"
            yield from _indented(inner, depth + 1)
        else:
            shown = ", ".join(str(v) for v in inner) if isinstance(inner, list | tuple) else inner
            yield f"{pad}{name}: {'' if shown is None else shown}"


def _is_flat(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, list | tuple) and not any(isinstance(v, dict | list | tuple) for v in value)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _print_json(value: Any) -> None:  # noqa: ANN401
    _print(json.dumps(value, ensure_ascii=False, indent=2))
