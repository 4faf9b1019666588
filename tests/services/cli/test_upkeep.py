"""Editing, hiding and collecting: what an operator does to what is published."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from config.errors import CollectionNotFound
from config.settings import Settings
from records.datasets.repository import Repository
from services.app import create_app
from services.ingest.store.locking import ingest_lock
from tests.services.cli.conftest import Run
from tests.support.sources import cells, write_geotiff

SERIES = """
id: sst
variables:
  - {id: sst, unit: K, title: {en: Temperature}, styles: [{id: default, range: [0, 9]}]}
time: {pattern: '_(?P<year>....)(?P<month>..)'}
record: {title: {en: Sea}, keywords: {en: [water]}}
"""


@pytest.fixture
def published(run: Run, data: Path) -> Path:
    """The declaration of a dataset of one month that is published."""
    write_geotiff(data / "sst_200605.tif", cells())
    declaration = data.parent / "sst.yaml"
    declaration.write_text(SERIES)
    assert run("ingest", data, "--dataset", declaration)[0] == 0
    return declaration


@pytest.fixture
def web(published: Path, database_url: str, data: Path) -> Iterator[TestClient]:
    settings = Settings(data_dir=data.parent / "var", database={"url": database_url})
    with TestClient(create_app(settings), base_url="http://localhost:8080", raise_server_exceptions=False) as client:
        yield client


def eventually(client: TestClient, path: str, status: int) -> bool:
    """Whether a path answers so, at the latest a moment after the notification."""
    deadline = time.monotonic() + 5
    while (found := client.get(path).status_code) != status and time.monotonic() < deadline:
        time.sleep(0.02)
    return found == status


PUBLIC = (
    "/collections/sst",
    "/collections/records/items/sst",
    "/collections/sst/coverage?f=netcdf",
    "/collections/sst/map/tiles/WebMercatorQuad",
    "/xyz/sst/sst/0/0/0.png",
    "/xyz/sst/sst/tilejson.json",
)


def test_a_hidden_dataset_is_absent_from_everything_public(run: Run, web: TestClient, repository: Repository) -> None:
    assert [web.get(path).status_code for path in PUBLIC] == [200] * len(PUBLIC)
    assert run("datasets", "hide", "sst")[:2] == (0, "hidden\tsst\n")
    assert all(eventually(web, path, 404) for path in PUBLIC)
    assert "sst" not in [c["id"] for c in web.get("/collections").json()["collections"]]
    assert web.get("/collections/records/items?q=sea").json()["numberMatched"] == 0
    assert web.get("/collections/records/items?ids=sst").json()["features"] == []
    with pytest.raises(CollectionNotFound):
        repository.dataset("sst")
    assert "hidden" in run("datasets", "list")[1]
    assert run("datasets", "unhide", "sst")[1] == "public\tsst\n"
    assert all(eventually(web, path, 200) for path in PUBLIC)


def test_a_hidden_dataset_is_extended_and_stays_hidden(
    run: Run, published: Path, data: Path, repository: Repository
) -> None:
    run("datasets", "hide", "sst")
    write_geotiff(data / "sst_200606.tif", cells())
    assert run("ingest", data, "--dataset", published)[0] == 0
    assert repository.dataset("sst", hidden=True).hidden
    assert repository.dataset_ids() == []


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ([], "open"),
        (["--access", "login"], "login"),
        (["--embargo", "2999-01-01"], "open, embargo until 2999-01-01"),
        (["--access", "apply", "--embargo", "2000-01-01"], "apply"),
    ],
)
def test_the_list_tells_access_as_it_is_today(run: Run, published: Path, options: list[str], shown: str) -> None:
    if options:
        assert run("datasets", "edit", "sst", *options)[0] == 0
    assert run("datasets", "list")[1].split("\t")[3] == shown


def test_titles_are_edited_and_the_next_ingest_keeps_them(
    run: Run, published: Path, data: Path, repository: Repository
) -> None:
    (before,) = repository.granules("sst")
    assert run("datasets", "edit", "sst", "--title", "zh=海温", "--title", "sst:zh=温度")[0] == 0
    write_geotiff(data / "sst_200606.tif", cells())
    _, out, _ = run("ingest", data, "--id", "sst")
    assert [line.split("\t")[0] for line in out.splitlines()] == ["unchanged", "published"]
    dataset = repository.dataset("sst")
    assert dataset.title == {"en": "Sea", "zh": "海温"}
    assert dataset.variables[0].title == {"en": "Temperature", "zh": "温度"}
    assert repository.record("sst")["properties"]["title"]["zh"] == "海温"
    assert list(repository.granules("sst"))[0] == before  # noqa: RUF015 - the cursor is read to its end


def test_editing_what_was_never_declared_does_not_convert_again(run: Run, data: Path, repository: Repository) -> None:
    path = write_geotiff(data / "ice.tif", cells())
    run("ingest", path)
    assert run("datasets", "edit", "ice", "--title", "zh=冰", "--title", "ice:en=Sea ice")[0] == 0
    assert run("ingest", path)[1].startswith("unchanged\t")
    dataset = repository.dataset("ice")
    assert (dataset.title["zh"], dataset.variables[0].title) == ("冰", {"en": "Sea ice"})


def test_a_declaration_restyles_without_the_files(
    run: Run, published: Path, data: Path, repository: Repository
) -> None:
    (data / "sst_200605.tif").unlink()
    change = data / "change.yaml"
    change.write_text(
        "variables:\n- id: sst\n  styles:\n  - {id: default, colormap: magma, range: [1, 5]}\n"
        "  - {id: log, range: [1, 9], scale: log}\n"
        "record: {title: {en: Ocean}, license: CC-BY-4.0}\naccess: {policy: login}\n"
    )
    assert run("datasets", "edit", "sst", "--declaration", change)[0] == 0
    dataset = repository.dataset("sst")
    assert [(s.id, s.colormap, s.range, s.scale) for s in dataset.variables[0].styles] == [
        ("default", "magma", (1, 5), "linear"),
        ("log", "viridis", (1, 9), "log"),
    ]
    assert (dataset.title, dataset.license, dataset.access.policy) == ({"en": "Ocean"}, "CC-BY-4.0", "login")
    assert dataset.variables[0].title == {"en": "Temperature"}
    record = repository.record("sst")
    assert "keywords" not in record["properties"]
    assert record["time"] == {"interval": ["2006-05-01T00:00:00Z", "2006-06-01T00:00:00Z"]}


@pytest.mark.parametrize(
    "change",
    [
        "variables: [{id: sst, unit: degC}]",
        "variables: [{id: sst, fill: 3}]",
        "time: {labels: ['2006']}",
        "parts: stem",
    ],
)
def test_what_changes_cells_is_no_edit(run: Run, published: Path, data: Path, change: str) -> None:
    (data / "change.yaml").write_text(change)
    code, _, err = run("datasets", "edit", "sst", "--declaration", data / "change.yaml")
    assert code == 2
    assert "--replace" in err


@pytest.mark.parametrize(
    "options",
    [[], ["--title", "海温"], ["--title", "ice:en=Ice"], ["--access", "secret"], ["--embargo", "soon"]],
    ids=str,
)
def test_a_wrong_edit_is_wrong_usage(run: Run, published: Path, options: list[str]) -> None:
    assert run("datasets", "edit", "sst", *options)[0] == 2


def replaced(run: Run, published: Path, data: Path) -> tuple[Path, Path]:
    """The assets before and after a month was replaced."""
    folder = data.parent / "var" / "store" / "sst" / "sst"
    (old,) = folder.iterdir()
    write_geotiff(data / "sst_200605.tif", cells() + np.float32(1))
    assert run("ingest", data, "--dataset", published)[1].startswith("replaced\t")
    (new,) = set(folder.iterdir()) - {old}
    return old, new


def test_replaced_assets_go_after_their_grace(run: Run, published: Path, data: Path) -> None:
    old, new = replaced(run, published, data)
    assert run("store", "gc")[1] == ""
    code, out, _ = run("store", "gc", "--grace", "0", "--dry-run")
    assert (code, out.split("\t")[:2], old.exists()) == (0, ["would remove", "unused"], True)
    code, out, err = run("store", "gc", "--grace", "0s", "--json")
    assert (code, json.loads(out)["path"]) == (0, f"sst/sst/{old.name}")
    assert (old.exists(), new.exists()) == (False, True)
    assert "removed 1 files" in err
    assert run("datasets", "verify")[0] == 0
    assert run("store", "gc", "--grace", "0")[1] == ""


def test_an_asset_that_is_used_again_stays(run: Run, published: Path, data: Path) -> None:
    old, new = replaced(run, published, data)
    write_geotiff(data / "sst_200605.tif", cells())
    assert run("ingest", data, "--dataset", published)[1].startswith("replaced\t")
    run("store", "gc", "--grace", "0")
    assert (old.exists(), new.exists()) == (True, False)
    assert run("datasets", "verify")[0] == 0


def test_what_dead_ingests_left_goes_and_other_files_stay(run: Run, published: Path, data: Path) -> None:
    store = data.parent / "var" / "store"
    stray = store / "sst" / "sst" / "2007-01-0123456789ab.tif"
    foreign = store / "sst" / "notes.txt"
    left = store / ".tmp" / "gone" / "x" / "0-v-0.tif"
    left.parent.mkdir(parents=True)
    for path in (stray, foreign, left):
        path.write_bytes(b"x")
    assert "stray" not in run("store", "gc")[1]
    os.utime(stray, (time.time() - 8 * 86400,) * 2)
    out = run("store", "gc")[1]
    assert [line.split("\t")[1] for line in out.splitlines()] == ["stray"]
    assert not left.exists()
    assert (stray.exists(), foreign.exists()) == (False, True)


def test_files_of_a_running_ingest_stay(run: Run, published: Path, data: Path, repository: Repository) -> None:
    old, _ = replaced(run, published, data)
    working = data.parent / "var" / "store" / ".tmp" / "sst" / "x" / "0-sst-0.tif"
    working.parent.mkdir(parents=True)
    working.write_bytes(b"half")
    with ingest_lock(repository.engine, "sst", waiting=lambda: None):
        code, out, err = run("store", "gc", "--grace", "0")
    assert (code, out) == (0, "")
    assert "sst is ingested at this moment" in err
    assert (old.exists(), working.exists()) == (True, True)


def test_the_store_of_another_catalogue_is_left_alone(run: Run, data: Path) -> None:
    stray = data.parent / "var" / "store" / "other" / "v" / "static-0123456789ab.tif"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    os.utime(stray, (0, 0))
    code, _, err = run("store", "gc", "--grace", "0")
    assert code == 1
    assert "another catalogue" in err
    assert stray.exists()


@pytest.mark.parametrize("grace", ["soon", "-1d", "7 days", "1y"])
def test_a_grace_that_is_none_is_wrong_usage(run: Run, grace: str) -> None:
    assert run("store", "gc", "--grace", grace)[0] == 2
