"""A running application over the datasets of `tests.support.gridded`, for tests that only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import gridded
from tests.support.catalogues import catalogue_of, client_of
from tests.support.listening import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient

    from config.settings import Settings
    from tests.support.database import Server


@pytest.fixture(scope="package")
def arrays_settings(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an application over the datasets."""
    folder = tmp_path_factory.mktemp("arrays")
    made = (gridded.daily, gridded.ocean, gridded.polar, gridded.year360)
    with catalogue_of(server, folder, *made) as settings:
        yield settings


@pytest.fixture(scope="package")
def reader(arrays_settings: Settings) -> Iterator[TestClient]:
    """A client without a socket."""
    with client_of(arrays_settings) as client:
        yield client


@pytest.fixture(scope="package")
def dap_url(arrays_settings: Settings) -> Iterator[str]:
    """The address below which netCDF programs open datasets."""
    with listening(arrays_settings) as base:
        yield f"{base}/dap"
