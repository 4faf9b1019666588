"""What a metadata record says of access, and what of it is for operators alone, survives every way to its data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import rasterio

from records.datasets.models import Access
from records.datasets.repository import Repository
from tests.services.cli.conftest import Run
from tests.support.harvest import SECRETS, ncdc_entry
from tests.support.sources import cells, write_geotiff

EMBARGOED = {"ds_share_type": "apply-access", "protected": True, "protected_to": "2090-01-01 00:00:00"}

Written = Callable[..., Path]


@pytest.fixture
def source(data: Path) -> Path:
    path = write_geotiff(data / "snow.tif", cells())
    with rasterio.open(path, "r+") as file:
        file.update_tags(doi=str(ncdc_entry()["doi_value"]))
    return path


@pytest.fixture
def entry(tmp_path: Path) -> Written:
    """Writes a record of the National Cryosphere Desert Data Center."""

    def written(**changes: object) -> Path:
        path = tmp_path / "record.json"
        path.write_text(json.dumps(ncdc_entry(**changes), ensure_ascii=False), encoding="utf-8")
        return path

    return written


def mails(repository: Repository, id_: str = "snow") -> bool:
    """Whether the mails and phones of a record are kept for operators, and in it they are not."""
    origin = repository.record_origin(id_)
    kept = json.dumps(origin.private if origin else None)
    assert not any(secret in json.dumps(repository.record(id_)) for secret in SECRETS)
    return all(secret in kept for secret in SECRETS)


def test_a_given_record_keeps_its_private_part_and_its_access(
    run: Run, source: Path, entry: Written, repository: Repository
) -> None:
    path = entry(**EMBARGOED)
    assert run("ingest", source, "--record", path)[0] == 0
    assert mails(repository)
    assert repository.dataset("snow").access == Access(policy="apply", embargo_until=date(2090, 1, 1))
    assert SECRETS[0] not in run("records", "show", "snow")[1]
    assert SECRETS[0] in run("records", "show", "snow", "--private")[1]
    assert run("ingest", source, "--record", path)[1].endswith("\t\n")  # unchanged, not described again
    entry(**EMBARGOED, ds_serv_phone="1-2-3")
    assert "its description was replaced" in run("ingest", source, "--record", path)[1]
    assert "1-2-3" in run("records", "show", "snow", "--private")[1]


def test_declared_access_holds_against_the_records(
    run: Run, source: Path, entry: Written, data: Path, repository: Repository
) -> None:
    said = data / "snow.yaml"
    said.write_text("access: {policy: login}\n")
    assert run("ingest", source, "--dataset", said, "--record", entry(**EMBARGOED))[0] == 0
    assert repository.dataset("snow").access == Access(policy="login")
    said.write_text("variables: [{title: {en: Snow}}]\n")
    assert run("ingest", source, "--dataset", said)[0] == 0  # no longer declared: as the record says
    assert repository.dataset("snow").access.policy == "apply"


def test_an_edit_with_a_record_keeps_its_private_part_and_its_access(
    run: Run, source: Path, entry: Written, repository: Repository
) -> None:
    run("ingest", source)
    assert run("datasets", "edit", "snow", "--record", entry(**EMBARGOED))[0] == 0
    assert mails(repository)
    assert repository.dataset("snow").access.policy == "apply"
    run("datasets", "edit", "snow", "--access", "open", "--embargo", "none")
    run("datasets", "edit", "snow", "--record", entry(**EMBARGOED))
    assert run("ingest", source)[0] == 0
    assert repository.dataset("snow").access == Access(policy="open")


def test_a_harvested_record_of_another_id_brings_its_origin_to_the_dataset(
    run: Run, source: Path, entry: Written, repository: Repository
) -> None:
    path = entry(**EMBARGOED, id="a-local-name")
    assert run("harvest", "ncdc", path)[0] == 0
    assert run("ingest", source)[0] == 0
    assert [line.split("\t")[0] for line in run("records", "list")[1].splitlines()] == ["snow"]
    assert mails(repository)
    assert repository.dataset("snow").access.policy == "apply"
    assert run("harvest", "ncdc", path)[1].startswith("unchanged")
    without = {"doi_value": "", "cstr": "", "id": "a-local-name"}
    assert "which took its place" in run("harvest", "ncdc", entry(**EMBARGOED, **without))[1]


def test_a_harvest_after_the_data_changes_nobodys_access(
    run: Run, source: Path, entry: Written, data: Path, repository: Repository
) -> None:
    run("ingest", source)
    entry(**EMBARGOED)
    (data / "snow.yaml").write_text(f"record: {{title: {{en: S}}, external_ids: ['doi:{ncdc_entry()['doi_value']}']}}")
    run("datasets", "edit", "snow", "--declaration", data / "snow.yaml")
    assert "which holds" in run("harvest", "ncdc", entry(**EMBARGOED))[1]
    assert run("ingest", source, "--dataset", data / "snow.yaml")[0] == 0
    assert repository.dataset("snow").title["zh"] == "青藏高原积雪深度"
    assert repository.dataset("snow").access == Access(policy="open")


def test_each_dataset_takes_its_own_of_the_records_by_id_or_identifier(
    run: Run, source: Path, entry: Written, data: Path, repository: Repository
) -> None:
    (data / "ice.json").write_text(entry(id="ice", doi_value="", cstr="", title_cn="冰").read_text())
    others = [write_geotiff(data / f"{name}.tif", cells()) for name in ("wind", "ice")]
    given = ("--record", entry(), "--record", data / "ice.json")
    code, out, _ = run("ingest", source, *others, "--each", *given)
    assert (code, [line.split("\t")[0] for line in out.splitlines()]) == (0, ["published"] * 3)
    assert repository.dataset("ice").title["zh"] == "冰"
    assert repository.dataset("snow").title["zh"] == "青藏高原积雪深度"
    assert repository.dataset("wind").title == {"en": "wind"}
    assert mails(repository)
