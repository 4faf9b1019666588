"""`graticule datasets`: list, show, edit, hide, remove and verify what is published."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from cog import gdal
from config import settings as configuration
from config.declarations.datasets import AccessDeclaration, read_declaration
from config.errors import InvalidInput, InvalidParameter
from config.settings import Settings
from records.database.engine import make_engine
from records.datasets.models import Access, Dataset, Origin, Variable, text_in
from records.datasets.repository import Repository
from services.access.members import access_words
from services.cli.operator import operator
from services.cli.output import Json, print_objects
from services.ingest.publishing.editing import DatasetEdit
from services.ingest.publishing.editing import edit as edit_dataset
from services.ingest.publishing.record_matching import read_record
from services.ingest.store.locking import ingest_lock
from services.ingest.store.repair import repair as repair_dataset
from services.ingest.store.verify import verify as verify_dataset
from services.serving.database import database

app = typer.Typer(
    help="List, show, edit, hide, remove and verify datasets.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

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
    """List every dataset, hidden ones too: id, number of variables, times, who may see and read it, and title."""
    with catalogue(configuration.load()) as repository:
        datasets = list(_all(repository))
    if as_json:
        print_objects(map(summary_document, datasets))
        return
    for dataset in datasets:
        _print("\t".join(summary_line(dataset)))


def _all(repository: Repository) -> Iterator[Dataset]:
    offset = 0
    while True:
        page, total = repository.datasets(limit=_PAGE, offset=offset, hidden=True)
        yield from page
        offset += _PAGE
        if offset >= total:
            return


@app.command()
def show(dataset_id: Annotated[str, typer.Argument(help="Id of a dataset.")], *, as_json: Json = False) -> None:
    """Show a dataset: its extent, times, variables and styles."""
    with catalogue(configuration.load()) as repository:
        document = dataset_document(repository.dataset(dataset_id, hidden=True), repository.origin(dataset_id))
    if as_json:
        print_objects([document])
        return
    for line in _indented(document, 0):
        _print(line)


@app.command()
def edit(
    dataset_id: Annotated[str, typer.Argument(help="Id of a dataset.")],
    *,
    declaration: Annotated[
        Path | None, typer.Option(readable=False, help="YAML whose record, access, titles, classes and styles count.")
    ] = None,
    record: Annotated[Path | None, typer.Option(readable=False, help="Metadata record to put in place.")] = None,
    title: Annotated[
        list[str] | None, typer.Option(help="LANGUAGE=TEXT, or VARIABLE:LANGUAGE=TEXT; may be repeated.")
    ] = None,
    access: Annotated[str | None, typer.Option(help="open, login or apply.")] = None,
    embargo: Annotated[str | None, typer.Option(help="First day on which data may be served, or `none`.")] = None,
) -> None:
    """Describe a dataset anew without its files: what is not named stays as it is. Served at once."""
    change = DatasetEdit(
        declaration=read_declaration(declaration) if declaration else None,
        record=read_record(record) if record else None,
        titles={language: text for variable, language, text in _titles(title or []) if variable is None},
        variable_titles=_by_variable(_titles(title or [])),
    )
    if change == DatasetEdit() and access is None and embargo is None:
        raise InvalidInput(
            f"nothing of {dataset_id} is to be changed; `graticule datasets edit --help` tells what can be"
        )
    with catalogue(configuration.load()) as repository, _locked(repository, dataset_id):
        now = repository.dataset(dataset_id, hidden=True).access
        change = replace(change, access=_access(now, access, embargo))
        edited = edit_dataset(repository, dataset_id, change, who=operator())
    _print("\t".join(("edited", *summary_line(edited))))


def _titles(texts: list[str]) -> list[tuple[str | None, str, str]]:
    """(variable or None, language, title) of each option."""
    titles = []
    for text in texts:
        match = re.fullmatch(r"(?:(?P<variable>\w+):)?(?P<language>[A-Za-z-]{2,12})=(?P<title>.+)", text, re.DOTALL)
        if match is None:
            raise InvalidParameter("--title", text, "write LANGUAGE=TEXT or VARIABLE:LANGUAGE=TEXT, such as zh=海温")
        titles.append((match["variable"], match["language"], match["title"]))
    return titles


def _by_variable(titles: list[tuple[str | None, str, str]]) -> dict[str, dict[str, str]]:
    by_variable: dict[str, dict[str, str]] = {}
    for variable, language, text in titles:
        if variable is not None:
            by_variable.setdefault(variable, {})[language] = text
    return by_variable


def _access(now: Access, policy: str | None, embargo: str | None) -> AccessDeclaration | None:
    """The access that options ask for, what they do not name as it is now; None where they name nothing."""
    if policy is None and embargo is None:
        return None
    until = now.embargo_until if embargo is None else None if embargo == "none" else embargo
    try:
        return AccessDeclaration.model_validate({"policy": policy or now.policy, "embargo_until": until})
    except ValidationError as error:
        if error.errors()[0]["loc"][0] == "policy":
            raise InvalidParameter("--access", policy, "give open, login or apply") from error
        raise InvalidParameter("--embargo", embargo, "give a day such as 2027-01-31, or none") from error


@app.command()
def hide(dataset_ids: Annotated[list[str], typer.Argument(help="Ids of datasets.")]) -> None:
    """Keep datasets from everything public, data, records and lists, without removing anything."""
    _set_hidden(dataset_ids, hidden=True)


@app.command()
def unhide(dataset_ids: Annotated[list[str], typer.Argument(help="Ids of datasets.")]) -> None:
    """Show hidden datasets again."""
    _set_hidden(dataset_ids, hidden=False)


def _set_hidden(dataset_ids: list[str], *, hidden: bool) -> None:
    with catalogue(configuration.load()) as repository:
        for dataset_id in dataset_ids:
            repository.dataset(dataset_id, hidden=True)  # nothing is changed when one of the ids is wrong
        for dataset_id in dataset_ids:
            changed = repository.hide(dataset_id, hidden=hidden)
            state = "hidden" if hidden else "public"
            _print(f"{state if changed else f'already {state}'}\t{dataset_id}")


@contextmanager
def _locked(repository: Repository, dataset_id: str) -> Iterator[None]:
    """No ingest of the dataset meanwhile."""
    with ingest_lock(repository.engine, dataset_id, waiting=lambda: _say("waiting for an ingest to end")):
        yield


@app.command()
def remove(
    dataset_ids: Annotated[list[str], typer.Argument(help="Ids of datasets.")], *, as_json: Json = False
) -> None:
    """Withdraw datasets with their records; their files stay in the store until they are collected."""
    with catalogue(configuration.load()) as repository:
        for dataset_id in dataset_ids:
            repository.dataset(dataset_id, hidden=True)  # nothing is removed when one of the ids is wrong
        for dataset_id in dataset_ids:
            with _locked(repository, dataset_id):
                repository.remove(dataset_id, who=operator())
            removal = {"status": "removed", "dataset": dataset_id}
            _print("\t".join(removal.values())) if not as_json else print_objects([removal])


@app.command()
def verify(
    dataset_ids: Annotated[list[str] | None, typer.Argument(help="Ids of datasets; absent: all.")] = None,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Make faulty files again from their sources.")] = False,
    as_json: Json = False,
) -> None:
    """Check every file of datasets: it is there, its checksum is right, and it opens as the raster it should be."""
    settings = configuration.load()
    gdal.configure(settings.gdal_cache_mb)
    if repair:
        _repair(settings, dataset_ids, as_json=as_json)
        return
    with catalogue(settings) as repository:
        results = _verified(repository, settings.store_dir, dataset_ids or repository.dataset_ids(hidden=True))
    faulty = [r for r in results if r["fault"]]
    if as_json:
        print_objects(faulty)
        _say(f"graticule: checked {len(results)} files, {len(faulty)} faulty")
    else:
        for fault in faulty:
            _print(f"fault\t{fault['href']}\t{fault['fault']}")
        _print(f"checked {len(results)} files, {len(faulty)} faulty")
    if faulty:
        raise typer.Exit(1)


def _repair(settings: Settings, dataset_ids: list[str] | None, *, as_json: bool) -> None:
    """Repair datasets and report on each faulty file; the exit code is 1 if one is still faulty."""
    with catalogue(settings) as repository:
        ids = dataset_ids or repository.dataset_ids(hidden=True)
        roots = [Path(root) for root in settings.ingest.roots]
        results = [result for id_ in ids for result in repair_dataset(repository, settings.store_dir, id_, roots=roots)]
    if as_json:
        print_objects(asdict(result) for result in results)
    else:
        for result in results:
            _print(f"{'fault' if result.remedy else 'repaired'}\t{result.href}\t{result.remedy or result.fault}")
        left = sum(bool(result.remedy) for result in results)
        _print(f"{len(results)} faulty files, {len(results) - left} repaired")
    if any(result.remedy for result in results):
        raise typer.Exit(1)


def _verified(repository: Repository, store: Path, dataset_ids: list[str]) -> list[dict[str, str]]:
    return [asdict(result) for id_ in dataset_ids for result in verify_dataset(repository, store, id_)]


def summary_line(dataset: Dataset) -> tuple[str, ...]:
    """Id, variables, times, access and title of a dataset, for people."""
    variables = f"{len(dataset.variables)} variable{'s' if len(dataset.variables) != 1 else ''}"
    times = f"{dataset.time.first}..{dataset.time.last} ({dataset.time.count})" if dataset.time else "no time"
    return dataset.id, variables, times, ", ".join(access_today(dataset)), text_in(dataset.title)


def access_today(dataset: Dataset) -> list[str]:
    """Who may see and read a dataset today, in words."""
    return access_words(dataset) + (["hidden"] if dataset.hidden else [])


def summary_document(dataset: Dataset) -> dict[str, Any]:
    """What `list --json` shows of a dataset."""
    return {
        "id": dataset.id,
        "title": dataset.title,
        "version": dataset.version,
        "access": dataset.access.policy,
        "embargo_until": dataset.access.embargo_until.isoformat() if dataset.access.embargo_until else None,
        "hidden": dataset.hidden,
        "bbox": list(dataset.bbox),
        "time": asdict(dataset.time) if dataset.time else None,
        "variables": [v.id for v in dataset.variables],
        "updated": dataset.updated.isoformat(),
    }


def dataset_document(dataset: Dataset, origin: Origin) -> dict[str, Any]:
    """What `show --json` shows of a dataset."""
    return summary_document(dataset) | {
        "description": dataset.description,
        "license": dataset.license,
        "attribution": dataset.attribution,
        "left_out": [asdict(gap) for gap in origin.gaps],
        "created": dataset.created.isoformat(),
        "variables": [_variable_document(v) for v in dataset.variables],
    }


def _variable_document(variable: Variable) -> dict[str, Any]:
    document = asdict(variable) | {"grid": variable.grid.to_json()}
    nodata = document["nodata"]
    return document | {"nodata": repr(nodata) if nodata is not None and math.isnan(nodata) else nodata}


def _indented(value: Any, depth: int) -> Iterator[str]:
    """A JSON value as indented lines, for people."""
    pad = "  " * depth
    pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
    for name, inner in pairs:
        if isinstance(inner, dict | list | tuple) and inner and not _is_flat(inner):
            yield f"{pad}{name}:"
            yield from _indented(inner, depth + 1)
        else:
            text = ", ".join(str(v) for v in inner) if isinstance(inner, list | tuple) else inner
            yield f"{pad}{name}: {'' if text is None else text}"


def _is_flat(value: Any) -> bool:
    return isinstance(value, list | tuple) and not any(isinstance(v, dict | list | tuple) for v in value)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
