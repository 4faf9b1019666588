"""What commands say of wrong usage, and what the command line states of a dataset."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from config.declarations.datasets import parse_declaration
from config.errors import InvalidDeclaration, InvalidParameter
from services.cli.data.stated import Statements, with_statements
from services.cli.main import COMMANDS, run
from services.ingest.reading.naming import stem_id
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = parse_declaration({}, name="nothing")


def test_a_mistyped_command_is_wrong_usage_and_gets_a_suggestion(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["ingset"]) == 2
    assert "did you mean 'ingest'?" in capfd.readouterr().err


def test_a_mistyped_command_below_another_gets_a_suggestion(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["datasets", "lst"]) == 2
    assert "Did you mean 'list'?" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--port", "abc"], "'--port': a whole number is needed, not 'abc'"),
        (["serve", "--port", "99999"], "'--port': at most 65535 is possible, not '99999'"),
        (["harvest", "auto", "x", "--timeout", "0"], "'--timeout': at least 1 is needed, not '0'"),
        (["harvest", "auto", "x", "--timeout", "soon"], "'--timeout': a number is needed, not 'soon'"),
        (["ingest", "--nope"], "No such option: --nope"),
        (["watch"], "Missing argument 'FOLDER'"),
        (["styles", "legend", "x", "--lang", "fr"], "'--lang': 'fr' is not one of 'en', 'zh'"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_what_is_needed(
    capfd: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run(arguments) == 2
    said = capfd.readouterr().err
    assert message in said
    assert "--help" in said
    assert "Input should" not in said


@pytest.mark.parametrize("command", ["ingest", "inspect"])
def test_a_missing_file_is_wrong_usage_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setenv("GRATICULE_DATA_DIR", str(tmp_path / "data"))
    assert run([command, str(tmp_path / "nope.nc")]) == 2
    assert f"PATH='{tmp_path}/nope.nc': there is no such file or folder" in capfd.readouterr().err


@pytest.mark.parametrize("command", ["ingest", "inspect"])
def test_a_command_without_files_asks_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setenv("GRATICULE_DATA_DIR", str(tmp_path / "data"))
    assert run([command]) == 2
    assert "no files are named; name files, folders or patterns" in capfd.readouterr().err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_help_names_no_types_of_the_language(capfd: pytest.CaptureFixture[str], command: str) -> None:
    assert run([command, "--help"]) == 0
    shown = capfd.readouterr().out
    assert not re.search(r"list\[|<(str|path|bool|int|float)>", shown)


def test_arguments_have_names_in_capitals(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", "--help"]) == 0
    assert "graticule ingest [OPTIONS] [PATH]..." in capfd.readouterr().out


@pytest.mark.parametrize(
    ("stem", "id_"),
    [("青海湖_ET_2020_monthly", "et-2020-monthly"), ("海温", "sea-temperature"), ("records", "records-data")],
)
def test_a_name_that_makes_no_id_gets_one_suggested(stem: str, id_: str) -> None:
    with pytest.raises(InvalidDeclaration, match=f"choose one, such as --id {id_}, or `id` in a declaration"):
        stem_id(stem)


def test_options_state_what_a_declaration_would() -> None:
    said = Statements(title="海温", license="CC-BY-4.0", unit="K", time_pattern=r"(?P<year>\d{4})(?P<month>\d\d)")
    stated = with_statements(NOTHING, said)
    assert stated.record is not None
    assert (stated.record.title, stated.record.license) == ({"zh": "海温"}, "CC-BY-4.0")
    assert stated.time is not None
    assert stated.time.pattern == said.time_pattern
    assert [variable.unit for variable in stated.variables] == ["K"]
    assert with_statements(NOTHING, Statements()) is NOTHING


def test_options_leave_the_rest_of_a_declaration() -> None:
    declared = parse_declaration(
        {"id": "sst", "record": {"title": {"en": "Old", "zh": "旧"}}, "variables": [{"source": "v", "id": "w"}]},
        name="a",
    )
    stated = with_statements(declared, Statements(title="New", unit="K"))
    assert stated.record is not None
    assert (stated.id, stated.record.title) == ("sst", {"en": "New", "zh": "旧"})
    assert [(one.source, one.id, one.unit) for one in stated.variables] == [("v", "w", "K")]


def test_what_cannot_be_stated_is_refused_with_a_remedy() -> None:
    several = parse_declaration({"variables": [{"source": "a"}, {"source": "b"}]}, name="a")
    with pytest.raises(InvalidParameter, match="several variables"):
        with_statements(several, Statements(unit="K"))
    with pytest.raises(InvalidParameter, match="--title"):
        with_statements(NOTHING, Statements(license="CC-BY-4.0"))
    with pytest.raises(InvalidDeclaration, match="the options"):
        with_statements(NOTHING, Statements(time_pattern="sst_{what}.tif"))


def test_json_of_every_command_is_an_object_a_line() -> None:
    """`as_json` is declared in one place, and what it prints comes from there."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "services" / "cli").rglob("*.py"))
    assert source.count('"--json"') == 1
    assert "as_json: Json = False" in source
