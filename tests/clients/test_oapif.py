"""GDAL's driver of OGC API Features reads the records, through pyogrio."""

from __future__ import annotations

import pyogrio
import pytest


@pytest.fixture(scope="module", autouse=True)
def _driver() -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("not run: this GDAL has no OAPIF driver")


def test_gdal_lists_the_records_as_a_layer(demo: str) -> None:
    names = [name for name, _ in pyogrio.list_layers(f"OAPIF:{demo}/")]
    assert "records" in names


def test_gdal_reads_the_records_with_their_outlines(demo: str) -> None:
    info = pyogrio.read_info(f"OAPIF:{demo}/", layer="records")
    assert info["features"] >= 5
    assert {"title", "type"} <= set(info["fields"])
    meta, _, geometries, columns = pyogrio.raw.read(f"OAPIF:{demo}/", layer="records")
    titles = dict(zip(meta["fields"], columns, strict=True))["title"]
    assert len(titles) == info["features"]
    assert all(geometry is not None for geometry in geometries)


def test_gdal_asks_for_a_box(demo: str) -> None:
    tibet = pyogrio.raw.read(f"OAPIF:{demo}/", layer="records", bbox=(80, 28, 90, 35))[2]
    south_pole = pyogrio.raw.read(f"OAPIF:{demo}/", layer="records", bbox=(10, -89, 11, -88))[2]
    assert len(tibet) >= len(south_pole)
