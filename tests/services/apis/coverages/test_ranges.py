"""Coverages read by ranges of bytes, as GDAL and the NetCDF library do."""

from __future__ import annotations

import io
import os
import time
from typing import TYPE_CHECKING

import pytest

from services.apis.coverages.kept import KeptCoverages, KeptFile
from tests.support.catalogues import reading
from tests.support.datasets import dated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from tests.support.database import Server

COVERAGE = "/collections/sst/coverage"


@pytest.fixture(scope="module")
def reader(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of an application over `sst`."""
    with reading(server, tmp_path_factory.mktemp("store"), dated) as client:
        yield client


@pytest.mark.parametrize("name", ["netcdf", "geotiff", "cog"])
def test_ranges_are_pieces_of_one_encoding(reader: TestClient, name: str) -> None:
    url = f"{COVERAGE}?f={name}"
    whole = reader.get(url)
    head = reader.head(url)
    size = len(whole.content)
    assert (head.headers["accept-ranges"], int(head.headers["content-length"])) == ("bytes", size)
    pieces = []
    for first in range(0, size, 1000):
        answer = reader.get(url, headers={"Range": f"bytes={first}-{first + 999}", "If-Range": head.headers["etag"]})
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {first}-{min(first + 999, size - 1)}/{size}"
        assert answer.headers["etag"] == head.headers["etag"]
        pieces.append(answer.content)
    assert b"".join(pieces) == reader.get(url).content
    assert reader.get(url, headers={"Range": f"bytes={size}-"}).status_code == 416
    assert reader.get(url, headers={"If-None-Match": head.headers["etag"]}).status_code == 304
    other = reader.get(url, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (other.status_code, len(other.content)) == (200, size)


def test_a_file_has_a_name_of_its_data_and_other_requests_other_tags(reader: TestClient) -> None:
    tags = {reader.head(f"{COVERAGE}?f={name}").headers["etag"] for name in ("netcdf", "geotiff", "cog")}
    assert len(tags) == 3
    assert 'filename="sst_' in reader.head(f"{COVERAGE}?f=netcdf").headers["content-disposition"]


def kept(folder: Path, capacity: int, *texts: bytes) -> KeptCoverages:
    coverages = KeptCoverages(folder, capacity)
    for number, text in enumerate(texts):
        coverages.keep((str(number),), lambda text=text: io.BytesIO(text))
    return coverages


def test_what_was_used_longest_ago_makes_room(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    coverages = kept(folder, 250, b"a" * 100, b"b" * 100)
    for path in folder.iterdir():
        os.utime(path, (time.time() - 1000, time.time() - 1000))
    assert coverages.find(("0",)) is not None  # used just now
    coverages.keep(("2",), lambda: io.BytesIO(b"c" * 100))
    assert [coverages.find((name,)) is not None for name in "012"] == [True, False, True]
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 250
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_is_larger_than_all_is_handed_back(tmp_path: Path) -> None:
    file = kept(tmp_path / "kept", 10).keep(("x",), lambda: io.BytesIO(b"a" * 11))
    assert not isinstance(file, KeptFile)
    assert file.read() == b"a" * 11


def test_workers_share_a_folder(tmp_path: Path) -> None:
    one, two = kept(tmp_path / "kept", 100, b"abc"), KeptCoverages(tmp_path / "kept", 100)
    first, second = one.find(("0",)), two.keep(("0",), lambda: io.BytesIO(b"other"))
    assert first == second


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/collections/sst/map?width=10", 'inline; filename="sst_v_20060616T000000Z.png"'),
        ("/collections/sst/map?width=10&f=jpeg", 'inline; filename="sst_v_20060616T000000Z.jpeg"'),
        ("/collections/sst/position?coords=POINT(1%201)&f=csv", 'attachment; filename="sst_v.csv"'),
    ],
)
def test_maps_and_tables_have_names_as_files(reader: TestClient, path: str, named: str) -> None:
    assert reader.get(path).headers["content-disposition"] == named
