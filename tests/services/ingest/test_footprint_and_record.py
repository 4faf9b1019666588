"""Bounding boxes in CRS84, and the record document."""

from __future__ import annotations

import pytest

from config.declarations.datasets import ContactDeclaration, RecordDeclaration
from config.grids import CRS84, Grid
from config.times import key_label, order_key
from records.datasets.footprint import bounding_box, geometry, union
from records.datasets.models import Asset, Granule
from services.ingest.publishing.record import completed, declared_form, minimal_record


def grid(crs: str, west: float, north: float, cell: float, size: int) -> Grid:
    return Grid(crs=crs, transform=(cell, 0, west, 0, -cell, north), width=size, height=size)


def test_a_geographic_box_is_that_of_its_edges() -> None:
    assert bounding_box(grid(CRS84, 10, 50, 1, 10)) == (10, 40, 20, 50)


def test_a_box_over_the_antimeridian_has_west_greater_than_east() -> None:
    box = bounding_box(grid(CRS84, 170, 50, 2, 10))
    assert box == (170, 30, -170, 50)
    assert [ring[0][0][0] for ring in geometry(box)["coordinates"]] == [170, -180]


def test_a_global_grid_that_straddles_180_covers_all_longitudes() -> None:
    assert bounding_box(Grid(crs=CRS84, transform=(45, 0, -202.5, 0, -45, 90), width=8, height=4)) == (
        -180,
        -90,
        180,
        90,
    )


def test_a_polar_grid_with_the_pole_inside_reaches_it_and_goes_round() -> None:
    west, south, east, north = bounding_box(grid("EPSG:3413", -1e6, 1e6, 1e5, 20))
    assert (west, east, north) == (-180, 180, 90)
    assert 76 < south < 78  # the corners lie 1414 km from the pole


def test_a_projected_box_follows_curved_edges() -> None:
    """An Albers grid's northern edge is highest in its middle, at the central meridian, not at its corners."""
    conus = Grid(crs="EPSG:5070", transform=(1e4, 0, -2e6, 0, -1e4, 3e6), width=400, height=100)
    _, _, _, north = bounding_box(conus)
    corner = bounding_box(Grid(crs="EPSG:5070", transform=(1e4, 0, -2e6, 0, -1e4, 3e6), width=1, height=100))[3]
    assert north > corner + 1


def test_a_projected_grid_over_the_antimeridian_is_narrow() -> None:
    west, _, east, _ = bounding_box(grid("EPSG:3832", 3e6 - 5e5, 5e5, 1e5, 10))  # Pacific Mercator round 177 E
    assert west > 170
    assert east < -170


@pytest.mark.parametrize(
    ("boxes", "whole"),
    [
        ([(0, 0, 10, 10), (5, -5, 20, 5)], (0, -5, 20, 10)),
        ([(170, 0, -170, 10), (170, 5, -170, 20)], (170, 0, -170, 20)),
        ([(170, 0, -170, 10), (0, 5, 10, 20)], (-180, 0, 180, 20)),
    ],
)
def test_boxes_join(boxes: list[tuple[float, float, float, float]], whole: tuple[float, ...]) -> None:
    assert union(boxes) == whole


def granule(start: int, end: int) -> Granule:
    return Granule(
        dataset_id="d",
        variable_id="v",
        time=key_label(start),
        calendar="360_day",
        key=start,
        start=key_label(start),
        end=key_label(end),
        start_key=start,
        end_key=end,
        layer=None,
        part=None,
        asset=Asset(href="a", sha256="b", size=1, media_type="c"),
        grid=grid(CRS84, 0, 10, 1, 10),
    )


def test_a_record_holds_texts_by_language_licence_contacts_and_external_ids() -> None:
    declared = RecordDeclaration(
        title={"en": "Sea", "zh": "海"},
        license="CC-BY-4.0",
        contacts=[ContactDeclaration(name="Centre", roles=["publisher"])],
        external_ids=["doi:10.1/x"],
    )
    granules = (granule(order_key(2000, 2, 30), order_key(2000, 3, 30)),)
    document = completed(
        declared_form(declared), "d", box=(0, 0, 10, 10), granules=granules, climatology=False, lineage=("Done.",)
    )
    assert document["time"] == {"interval": ["2000-02-29T00:00:00Z", "2000-03-30T00:00:00Z"]}
    properties = document["properties"]
    assert properties["title"] == {"en": "Sea", "zh": "海"}
    assert properties["externalIds"] == [{"scheme": "doi", "value": "10.1/x"}]
    assert properties["contacts"] == [{"name": "Centre", "roles": ["publisher"]}]
    assert properties["lineage"]["en"].endswith("Done.")


def test_a_climatology_states_no_time_because_its_year_is_nominal() -> None:
    declared = RecordDeclaration(title={"en": "Sea"})
    granules = (granule(order_key(2003), order_key(2003, 2)),)
    document = completed(
        declared_form(declared), "d", box=(0, 0, 1, 1), granules=granules, climatology=True, lineage=()
    )
    assert document["time"] is None


def test_a_minimal_record_comes_from_the_files_attributes_and_says_so() -> None:
    record = minimal_record("d", {"title": "Monthly ice", "institution": "Centre", "keywords": "ice > sea, cold"})
    assert record.title == {"en": "Monthly ice"}
    assert record.keywords == {"en": ["ice", "sea", "cold"]}
    assert record.contacts[0].organization == "Centre"
    assert "attributes of the data files" in record.lineage["en"]
    assert minimal_record("d", {}).title == {"en": "d"}
