"""`graticule demo`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config import settings as configuration
from services.cli.service.serve import stopping_is_success, with_server
from services.demo.folder import source_files
from services.serving.foreground import own_foreground

if TYPE_CHECKING:
    from config.settings import Settings
    from services.demo.check import Finding
    from services.demo.links import DemoLink
    from services.ingest.models import IngestReport
    from services.serving.signals import Signals

FAILED = 1
"""Exit code when a link of `--check` failed, or a demo dataset was refused."""


def command(
    *,
    check: Annotated[bool, typer.Option("--check", help="Fetch every link, say what came, and stop.")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
    data: Annotated[Path | None, typer.Option(help="A folder whose files are ingested too, a dataset each.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Web worker processes.")] = None,
) -> None:
    """Ingest the demo datasets, serve them in the foreground, and print links to try."""
    settings = quiet(with_server(configuration.load(), port=port, host=None, workers=workers))
    if data is not None:
        source_files(data)  # a wrong folder is told before the database starts
    demo = _Demo(settings, data, checking=check)
    with own_foreground(), stopping_is_success():
        demo.run()
    if demo.failed:
        raise typer.Exit(FAILED)


class _Demo:
    def __init__(self, settings: Settings, folder: Path | None, *, checking: bool) -> None:
        self.failed = False
        self._settings = settings
        self._folder = folder
        self._checking = checking
        self._links: list[DemoLink] = []

    def run(self) -> None:
        """Ingest and serve."""
        from services.serving import supervisor

        supervisor.serve(self._settings, prepare=self._fill, when_ready=self._ready)

    def _fill(self, url: str) -> None:
        from records.database.engine import make_engine
        from records.datasets.repository import Repository
        from services.cli.progress import progress_listener
        from services.demo.fill import fill
        from services.demo.links import all_links

        with progress_listener() as listener:
            ids = fill(self._settings, url, self._folder, say=self._say, listener=listener)
        engine = make_engine(url, self._settings.database)
        try:
            repository = Repository(engine)
            self._links = all_links(self._settings.base_url, [repository.dataset(id_) for id_ in ids])
        finally:
            engine.dispose()

    def _say(self, report: IngestReport) -> None:
        _print("".join(f"{outcome.line}\n" for outcome in report.outcomes))
        self.failed = self.failed or (report.refused and self._checking)

    def _ready(self, signals: Signals) -> bool:
        from services.demo.example import curl_line
        from services.demo.links import as_lines

        base = self._settings.base_url
        _print(f"\nGraticule serves at {base}/\n\n{as_lines(self._links)}\n")
        if not self._checking:
            _print(f"Monthly means over a polygon:\n\n  {curl_line(base)}\n\nStop with Ctrl-C.\n")
            return True
        for finding in self._findings(signals):
            _print(finding.line + "\n")
            self.failed = self.failed or not finding.ok
        return False

    def _findings(self, signals: Signals) -> Iterator[Finding]:
        from services.demo import check

        for link in self._links:
            if signals.stopped:
                return
            yield check.check(link)
            if link.kind in ("page", "record"):
                yield check.check_page(link)
        yield from check.check_echo(self._settings.base_url)
        yield check.check_zones(self._settings.base_url)


def quiet(settings: Settings) -> Settings:
    """The settings with a log of warnings only, unless they say otherwise: a line a request would bury the links."""
    return (
        settings if "log_level" in settings.model_fields_set else settings.model_copy(update={"log_level": "warning"})
    )


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
