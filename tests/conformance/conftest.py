"""The service that is asked, and the table of results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conformance.framework import Site
from tests.conformance.table import Results
from tests.services.apis.conftest import corner, metres
from tests.support.catalogues import catalogue_of, client_of
from tests.support.datasets import STEPS, classified, dated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings
    from records.datasets.publication import Publication
    from tests.support.database import Server

_RESULTS = pytest.StashKey[Results]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--table FILE` write the table of results into a document."""
    parser.addoption("--table", help="document whose part between the marks of the table is written anew")


def pytest_configure(config: pytest.Config) -> None:
    """Make room for the results."""
    config.stash[_RESULTS] = Results()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the table where one is asked for."""
    path = session.config.getoption("--table")
    if path:
        session.config.stash[_RESULTS].write(Path(path))


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Results:
    """Where tests note what they saw."""
    return request.config.stash[_RESULTS]


def timed(store: Path) -> Publication:
    """`sst`, with the time of its data in its record."""
    made = dated(store)
    return replace(made, record=made.record | {"time": {"interval": [STEPS[0], STEPS[-1]]}})


@pytest.fixture(scope="session")
def site_settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a service over datasets of every kind: times, classes, levels, metres."""
    store = tmp_path_factory.mktemp("conformance")
    with catalogue_of(server, store, timed, classified, corner, metres) as settings:
        yield settings


@pytest.fixture(scope="session")
def site(site_settings: Settings) -> Iterator[Site]:
    """The service without a socket."""
    with client_of(site_settings) as client:
        yield Site(client)
