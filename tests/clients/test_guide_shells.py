"""The blocks of shell commands of the guides, run as they are written but for folder, port and number of workers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.portal.pages.guides import WRITTEN_BASE
from tests.clients.conftest import output, program
from tests.support.guides import blocks, code
from tests.support.serving import reserved_port

if TYPE_CHECKING:
    from collections.abc import Iterator

START_S = 120
BASH = "set -euo pipefail\n"
COPYING = 'rsync () { mkdir -p "$3"; cp -a "$2." "$3"; }\n'
"""What stands for rsync where it is not installed."""


@dataclass(frozen=True)
class Shell:
    """A shell in a folder of its own, with a catalogue below it.

    Attributes:
        folder: Where commands run; holds the data directory `graticule`.
        port: That of its server.
    """

    folder: Path
    port: int

    def written(self, block: str) -> str:
        """A block with this shell's places in those of the guide."""
        places = {
            WRITTEN_BASE: f"http://localhost:{self.port}",
            "/srv/graticule": str(self.folder / "graticule"),
            "backup:/": str(self.folder / "backup") + "/",
            "--port 8080": f"--port {self.port}",
            "--workers 4": "--workers 1",
        }
        for there, here in places.items():
            block = block.replace(there, here)
        return block

    def environment(self) -> dict[str, str]:
        """The environment of its commands, whose `graticule` is that of these tests."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        data = str(self.folder / "graticule")
        return {**os.environ, "PATH": path, "GRATICULE_DATA_DIR": data, "no_proxy": "localhost,127.0.0.1"}

    def run(self, block: str, **environment: str) -> str:
        """What the commands of a block print; each must succeed."""
        done = subprocess.run(
            [program("bash"), "-c", BASH + self.written(block)],
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
            cwd=self.folder,
            env={**self.environment(), **environment},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def serving(self, block: str) -> Iterator[None]:
        """Runs a block whose last command serves, until the end of the context."""
        log = self.folder / "log"
        port = {"GRATICULE_SERVER_PORT": str(self.port)}
        with log.open("wb") as out:
            server = subprocess.Popen(
                [program("bash"), "-c", BASH + self.written(block).replace("graticule serve", "exec graticule serve")],
                cwd=self.folder,
                env={**self.environment(), **port},
                stdout=out,
                stderr=out,
            )
            try:
                deadline = time.monotonic() + START_S
                while not self._answers("/readyz"):
                    assert server.poll() is None, log.read_text()
                    assert time.monotonic() < deadline, log.read_text()
                    time.sleep(0.3)
                yield
            finally:
                server.send_signal(signal.SIGTERM)
                assert server.wait(timeout=60) == 0, log.read_text()

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def answers(self, path: str) -> None:
        """Hold that the server answers a path with 200."""
        assert self._answers(path), path


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell of a reader who has followed the guide for own data, as far as the ingest."""
    folder = tmp_path_factory.mktemp("guide")
    with reserved_port() as port:
        found = Shell(folder, port)
        subprocess.run([sys.executable, "-c", code("data", "python")[0]], cwd=folder, check=True, timeout=120)
        (folder / "sst.yaml").write_text(code("data", "yaml")[0], "utf-8")
        inspection, ingest = code("data", "sh")
        assert "my-sst" in found.run(ingest.replace("graticule serve", "graticule datasets list"))
        found.run(inspection)
        yield found


def _block(word: str) -> str:
    """The block of the operator's guide that has a word."""
    (found,) = (block for block in code("operator", "sh") if word in block)
    return found


def test_a_file_is_inspected_and_a_draft_is_written(shell: Shell) -> None:
    assert "sst" in (shell.folder / "draft.yaml").read_text("utf-8")


def test_own_data_are_served(shell: Shell) -> None:
    with shell.serving("graticule serve"):
        shell.answers("/collections/my-sst?f=html")
        shell.answers("/xyz/my-sst/sst/0/0/0.png")


def test_an_operator_starts_the_service_and_asks_how_it_is(shell: Shell) -> None:
    with shell.serving(_block("--host")):
        told = shell.run(_block("/healthz"))
    assert (told.count('"ready"'), told.count(" 0 faulty")) == (1, 1), told


def test_settings_for_a_proxy_are_taken(shell: Shell) -> None:
    told = shell.run(_block("GRATICULE_SERVER_PROXIES") + "graticule settings\n")
    assert "https://data.example.org" in told
    assert "::1" in told


def test_tokens_are_made_listed_and_revoked(shell: Shell) -> None:
    assert "editor" in shell.run(_block("tokens create"))


def test_a_backup_is_restored_into_a_new_folder(shell: Shell) -> None:
    program("pg_dump")
    copying = "" if shutil.which("rsync") else COPYING
    shell.run(f"graticule db start\n{copying}{_block('pg_dump')}")
    new = shell.folder / "restored"
    new.mkdir()
    place = {"GRATICULE_DATA_DIR": str(new)}
    shutil.copytree(shell.folder / "backup" / "graticule" / "store", new / "store")
    try:
        shell.run(_block("pg_restore"), **place)
        assert "my-sst" in shell.run("graticule datasets list", **place)
        assert shell.run("graticule datasets verify my-sst", **place)
    finally:
        shell.run("graticule db stop", **place)
        shell.run("graticule db stop")


def test_a_new_version_migrates_and_serves(shell: Shell) -> None:
    with shell.serving(_block("db migrate")):
        shell.answers("/collections/my-sst")


def test_what_nothing_refers_to_is_removed(shell: Shell) -> None:
    shell.run(_block("store gc"))


@pytest.mark.parametrize("block", code("gis", "sh"), ids=["coverages", "services", "files"])
def test_the_shell_of_the_guide_for_desktops_runs(demo: str, tmp_path: Path, block: str) -> None:
    for name in ("curl", "gdalinfo", "wget", "sha256sum"):
        if name in block:
            program(name)
    output("bash", "-c", BASH + block.replace(WRITTEN_BASE, demo), folder=tmp_path, HOME=str(tmp_path))


def test_citations_are_what_the_guide_says(demo: str) -> None:
    program("curl")
    (block,) = code("science", "sh")
    printed = output("bash", "-c", BASH + block.replace(WRITTEN_BASE, demo))
    assert "@" in printed
    assert "[DS/OL]" in printed


def test_the_shell_of_the_guide_for_web_pages_runs(demo: str, tmp_path: Path) -> None:
    program("curl")
    (block,) = code("web", "sh")
    output("bash", "-c", BASH + block.replace(WRITTEN_BASE, demo), folder=tmp_path)
    assert "<svg" in (tmp_path / "legend.svg").read_text("utf-8")


def test_every_block_of_the_guide_for_operators_is_run_here() -> None:
    run = ("--host", "PROXIES", "/healthz", "tokens create", "pg_dump", "pg_restore", "db migrate", "store gc")
    assert {_block(word) for word in run} == {body for _, body in blocks("operator")}
