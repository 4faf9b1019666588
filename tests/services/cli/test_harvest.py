"""`graticule harvest` and `graticule records`, as commands."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cli.main import run
from tests.support.harvest import SECRETS, ncdc_entry, served


@pytest.fixture(autouse=True)
def _environment(database_url: str, tmp_path: Path) -> Iterator[None]:
    """Settings by environment variables, as a command gets them; all are as before afterwards."""
    before = os.environ.copy()
    os.environ |= {"GRATICULE_DATABASE_URL": database_url, "GRATICULE_DATA_DIR": str(tmp_path / "var")}
    yield
    os.environ.clear()
    os.environ.update(before)


def graticule(*arguments: object) -> int:
    return run([str(argument) for argument in arguments])


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    path = tmp_path / "snow.json"
    path.write_text(json.dumps(ncdc_entry(id="snow", protected_to="2027-08-20 00:00:00")))
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    return [line.split("\t") for line in capsys.readouterr().out.splitlines()]


def test_each_record_is_a_line_and_each_irregularity_a_note(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert graticule("harvest", "ncdc", entry) == 0
    first, *notes = lines(capsys)
    assert first == ["added", str(entry), "snow", ""]
    assert {line[0] for line in notes} == {"note"}
    assert any(line[3].startswith("protected='false': beside protected_to=2027-08-20") for line in notes)
    assert graticule("harvest", "ncdc", entry) == 0
    assert lines(capsys)[0][0] == "unchanged"


def test_json_holds_every_source_with_its_counts(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = entry.parent / "broken.json"
    broken.write_text("{")
    assert graticule("harvest", "auto", entry, broken, "--json") == 1
    sources = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [s["counts"] for s in sources] == [{"added": 1}, {"refused": 1}]
    assert sources[0]["records"][0]["id"] == "snow"
    assert sources[1]["records"][0]["reason"]


def test_a_missing_file_is_wrong_usage_and_nothing_is_remembered(
    entry: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert graticule("harvest", "auto", entry, "/nope.xml") == 2
    assert "SOURCE='/nope.xml': there is no such file or folder" in capsys.readouterr().err
    assert graticule("harvest", "sources", "list") == 0
    assert lines(capsys) == []


@pytest.mark.parametrize("arguments", [[], ["marc", "x"], ["ncdc"], ["ncdc", "x", "--timeout", "0"]])
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    assert graticule("harvest", *arguments) == 2


def test_a_database_that_is_away_ends_with_three(entry: Path) -> None:
    os.environ["GRATICULE_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/none"
    assert graticule("harvest", "ncdc", entry) == 3


def test_this_machine_is_fetched_from_only_when_permitted(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with served({"/snow": (200, {}, entry.read_bytes())}) as (url, asked):
        assert graticule("harvest", "ncdc", f"{url}/snow") == 1
        assert "private network" in lines(capsys)[0][3]
        assert asked == []
        assert graticule("harvest", "ncdc", f"{url}/snow", "--allow-private") == 0
        assert lines(capsys)[0][:3] == ["added", f"{url}/snow", "snow"]


def test_what_is_private_is_shown_only_when_asked_for(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graticule("harvest", "ncdc", entry)
    capsys.readouterr()
    assert graticule("records", "show", "snow") == 0
    public = capsys.readouterr().out
    assert json.loads(public)["id"] == "snow"
    assert not [secret for secret in SECRETS if secret in public]
    assert graticule("records", "show", "snow", "--private") == 0
    origin = json.loads(capsys.readouterr().out)["origin"]
    assert (origin["format"], origin["item"]) == ("ncdc", str(entry))
    assert all(secret in json.dumps(origin["private"]) for secret in SECRETS)


def test_records_are_listed_and_withdrawn(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    graticule("harvest", "ncdc", entry)
    capsys.readouterr()
    assert graticule("records", "list") == 0
    assert lines(capsys) == [["snow", "no data", "Snow depth of the Tibetan Plateau"]]
    assert graticule("records", "remove", "snow", "nothing") == 2
    assert graticule("records", "remove", "snow") == 0
    assert lines(capsys) == [["removed", "snow"]]
    assert graticule("records", "show", "snow") == 2


def test_a_source_is_remembered_with_its_schedule_and_reports(entry: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert graticule("harvest", "ncdc", entry, "--every", "36h", "--remove-vanished") == 0
    capsys.readouterr()
    assert graticule("harvest", "sources", "list") == 0
    (listed,) = lines(capsys)
    assert listed[:3] == [str(entry), "ncdc", "every 36h"]
    assert listed[3].startswith("next 2")
    entry.write_text("{")
    assert graticule("harvest", "sources", "run", entry) == 1
    capsys.readouterr()
    assert graticule("harvest", "status", entry) == 0
    source, last, first, *records = lines(capsys)
    assert source[0] == str(entry)
    assert (last[0], last[3], first[0], first[3]) == ("whole", "1 refused", "whole", "1 added")
    assert [(r[0], r[1]) for r in records] == [("refused", str(entry))]
    assert graticule("harvest", "status", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["every"], shown["failures"], shown["last"]["counts"]) == ("36h", 0, {"refused": 1})
    assert shown["options"]["remove_vanished"] is True
    assert graticule("harvest", "sources", "remove", entry) == 0
    assert lines(capsys) == [["removed", str(entry)]]
    assert graticule("harvest", "status", entry) == 2
    assert graticule("records", "show", "snow") == 0


@pytest.mark.parametrize("every", ["0", "-1d", "1y", "soon", "99999999d"])
def test_a_period_that_is_none_is_wrong_usage(entry: Path, every: str) -> None:
    assert graticule("harvest", "ncdc", entry, f"--every={every}") == 2
