"""Reading the settings, and refusing unsafe ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from config import settings
from config.errors import UnsafeSetting
from config.setting_groups import origins as provenance
from config.setting_groups.origins import without_password
from config.settings import DatabaseSettings, Settings
from tests.support.paths import DOCS

DOCUMENT = DOCS / "settings.md"


def load_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(settings.PREFIX + name, value)
    return settings.load()


def rows() -> list[str]:
    """The row of each setting in the table of settings."""
    found = []
    for where in provenance.locations():
        owner = Settings.model_fields[where[0]].annotation if len(where) > 1 else Settings
        field = owner.model_fields[where[-1]]
        default = provenance.presentable(field.default)
        shown = "" if default == "" else f"`{default}`".replace("'", '"')
        found.append(f"| `{settings.setting_name(where)}` | {shown} | {field.description} |")
    return found


def test_every_setting_is_documented() -> None:
    table = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `GRATICULE_")]
    missing = [row for row in rows() if row not in table]
    assert not missing, "docs/settings.md lacks:\n" + "\n".join(missing)
    assert len(table) == len(rows()), "docs/settings.md documents settings that do not exist"


def test_every_setting_says_what_it_is() -> None:
    assert [row for row in rows() if row.endswith("| None |")] == []


def test_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "graticule.yaml"
    file.write_text("server:\n  port: 1000\n  title: From the file\n")
    loaded = load_with(monkeypatch, CONFIG=str(file), SERVER_PORT="2000")
    assert (loaded.server.port, loaded.server.title) == (2000, "From the file")


def test_origin_of_each_setting_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "graticule.yaml"
    file.write_text("server:\n  title: From the file\nlimit:\n")
    environment = {"GRATICULE_CONFIG": str(file), "GRATICULE_SERVER_PORT": "2000", "GRATICULE_DASK": '{"workers": 3}'}
    file.write_text("server:\n  title: From the file\n")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    origins = {row.name: (row.value, row.origin) for row in provenance.shown(settings.load(), environment)}
    assert origins["GRATICULE_SERVER_TITLE"] == ("From the file", str(file))
    assert origins["GRATICULE_SERVER_PORT"] == (2000, "environment")
    assert origins["GRATICULE_DASK_WORKERS"] == (3, "environment")
    assert origins["GRATICULE_SERVER_HOST"] == ("127.0.0.1", "default")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("postgresql://user:s3cret@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:s3cret@/db?host=/run", "postgresql://user:***@/db?host=/run"),
        ("postgresql://user@host/db?password=s3cret&x=1", "postgresql://user@host/db?password=***&x=1"),
        ("postgresql://user:s3:cr@et@host/db", "postgresql://user:***@host/db"),
        ("s3://bucket/prefix", "s3://bucket/prefix"),
        ("tcp://host:8786", "tcp://host:8786"),
    ],
)
def test_passwords_inside_urls_are_hidden(text: str, seen: str) -> None:
    assert provenance.without_password(text) == seen


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SERVER_PORT", "99999", "GRATICULE_SERVER_PORT: .*65535"),
        ("SERVER_URL", "ftp://host", "GRATICULE_SERVER_URL: an absolute http"),
        ("SERVER_CORS_ORIGINS", "https://a.org", "GRATICULE_SERVER_CORS_ORIGINS: write JSON"),
        ("SERVER_CORS_ORIGINS", '["https://a.org/path"]', "is no origin"),
        ("DATABASE_URL", "mysql://h/d", "GRATICULE_DATABASE_URL: a PostgreSQL URL"),
        ("DATABASE_URL", "postgresql://u:postgres@db.example.org/d", "everybody knows"),
        ("DATABASE_BIN_DIR", "bin", "absolute path"),
        ("DASK_SCHEDULER", "host:8786", "tls://host:8786"),
        ("DASK_SCHEDULER", "tls://host:8786", "dask.tls_key"),
        ("DASK_TLS_CERT", "server.pem", "dask.tls_key"),
        ("DASK_MEMORY_LIMIT", "lots", "GRATICULE_DASK_MEMORY_LIMIT"),
        ("DATA_DIR", "/", "folder of its own"),
        ("CONFIG", "/nowhere.yaml", "there is no such file"),
    ],
)
def test_unsafe_values_stop_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    with pytest.raises(UnsafeSetting, match=said):
        load_with(monkeypatch, **{name: value})


def test_message_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsafeSetting) as caught:
        load_with(monkeypatch, DATABASE_URL="mysql://user:s3cret@h/d")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("document", ["- a list", "server: [", "server:\n  prot: 1", "\x00", "just text"], ids=repr)
def test_bad_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, document: str) -> None:
    file = tmp_path / "graticule.yaml"
    file.write_text(document)
    with pytest.raises(UnsafeSetting):
        load_with(monkeypatch, CONFIG=str(file))


A_GROUP = "it is a group of settings and has no value of its own; set its members, such as"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("server:\n  prot: 9\n", "FILE, line 2: server.prot: there is no such setting; did you mean server.port?"),
        ("# ours\nsevrer: {}\n", "FILE, line 2: sevrer: there is no such setting; did you mean server?"),
        ("frobnicate: 1\n", "FILE, line 1: frobnicate: there is no such setting; `graticule settings` lists them"),
        (
            "server:\n  port: 99999\n",
            "FILE, line 2: server.port: it is 99999, and should be less than or equal to 65535",
        ),
        ("server:\n  port: many\n", "FILE, line 2: server.port: it is 'many', and should be a whole number"),
        ("server: 8080\n", f"FILE, line 1: server: {A_GROUP} server.url"),
        ("server:\n  url: [1\n", "FILE, line 3, column 1: no YAML: expected ',' or ']', but got '<stream end>'"),
        ("- a list\n", "FILE: it holds no settings such as `server:` with `port: 8080` below"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, document: str, said: str
) -> None:
    file = tmp_path / "graticule.yaml"
    file.write_text(document)
    with pytest.raises(UnsafeSetting) as caught:
        load_with(monkeypatch, CONFIG=str(file))
    assert caught.value.detail == said.replace("FILE", str(file))


def test_a_bad_variable_is_named_also_beside_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "graticule.yaml"
    file.write_text("server:\n  port: 8081\n")
    with pytest.raises(UnsafeSetting, match=r"^GRATICULE_SERVER_PORT: it is '99999'"):
        load_with(monkeypatch, CONFIG=str(file), SERVER_PORT="99999")


def test_restricted_data_on_a_public_address_needs_a_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnsafeSetting, match=re.escape("serve_restricted")):
        load_with(monkeypatch, SERVE_RESTRICTED="true", SERVER_HOST="0.0.0.0")
    assert load_with(monkeypatch, SERVER_URL="https://data.example.org").serve_restricted


def test_variables_that_set_nothing_are_told_and_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"GRATICULE_SERVER_PROT": "1", "GRATICULE_SERVER_PORT": "81", "GRATICULE_TEST_X": "", "OTHER": ""}
    assert provenance.unknown_variables(environment) == [
        "GRATICULE_SERVER_PROT sets nothing; did you mean GRATICULE_SERVER_PORT?"
    ]
    assert load_with(monkeypatch, SERVER_PROT="1", SERVER_PORT="81").server.port == 81


@pytest.mark.parametrize("url", ["postgresql://bob:s3cr3t/pw@host/x", "postgresql://bob:s3cr3t@pw@localhost/x"])
def test_a_password_that_is_not_percent_encoded_is_refused_and_never_shown(url: str) -> None:
    with pytest.raises(ValidationError, match="%2F"):
        DatabaseSettings(url=SecretStr(url))
    assert "s3cr3t" not in without_password(url)
    assert "pw" not in without_password(url)


@pytest.mark.parametrize("store", ["s3://bucket/x", "/"])
def test_a_store_that_is_no_folder_of_its_own_is_refused(store: str) -> None:
    with pytest.raises(ValidationError):
        Settings(store=store)


def test_an_empty_data_directory_is_refused() -> None:
    with pytest.raises(ValidationError, match="unset it"):
        Settings(data_dir=Path())
