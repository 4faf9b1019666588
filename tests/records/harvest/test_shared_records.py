"""Every shared record says what its source says, which `shared_records.tsv` holds: each was compared by eye once."""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shapely.geometry import shape

from tests.support.harvest import METADATA, all_of

if TYPE_CHECKING:
    from records.harvest.models import Harvested

pytestmark = pytest.mark.skipif(not METADATA.is_dir(), reason="the shared data is not here")

SHARED = METADATA.parent
with Path(__file__).with_name("shared_records.tsv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file, delimiter="\t"))


@cache
def found_in(name: str) -> list[Harvested]:
    return all_of(SHARED / name)


def numbered() -> list[tuple[int, dict[str, str]]]:
    """Each row with its number among those of its file, which stand in the order of the file."""
    counts: defaultdict[str, int] = defaultdict(int)
    found = []
    for row in ROWS:
        found.append((counts[row["file"]], row))
        counts[row["file"]] += 1
    return found


@pytest.mark.parametrize(("number", "row"), numbered(), ids=[f"{row['file'][-40:]}-{n}" for n, row in numbered()])
def test_a_shared_record_says_what_its_source_says(number: int, row: dict[str, str]) -> None:
    document = found_in(row["file"])[number].document
    properties, place = document["properties"], document["geometry"]
    assert any(text.startswith(row["title"]) for text in properties["title"].values())
    assert {*properties["title"], *properties.get("description", {})} == set(row["languages"].split())
    expected = [float(side) for side in row["bounds"].split()]
    assert [round(v, 3) for v in shape(place).bounds] == expected if place else not expected
    assert ("/".join(document["time"]["interval"]) if document["time"] else "") == row["interval"]


def test_every_shared_file_is_in_the_table_with_all_its_records() -> None:
    files = [p for folder in ("metadata", "ncdc") for p in (SHARED / folder).rglob("*") if p.is_file()]
    again = "metadata/iso19139/open.canada.ca/sample-records.tinydb"  # the records of the files beside it
    names = {row["file"] for row in ROWS}
    assert {str(p.relative_to(SHARED)) for p in files} - {again} == names
    assert all(len(found_in(name)) == sum(row["file"] == name for row in ROWS) for name in names)
