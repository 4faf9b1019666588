"""What an ingest says was left unstated, and the member of the YAML that states it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.ingest.unstated import unstated
from tests.support.datasets import dated

if TYPE_CHECKING:
    from records.datasets.models import Dataset
    from records.datasets.repository import Repository

MEMBERS = ("record.license", "record.title", "variables[].unit")
OPTIONS = ("--license", "--title", "--unit")


@pytest.fixture
def described(repository: Repository, store: Path) -> Dataset:
    """A dataset that leaves nothing unstated."""
    repository.publish(dated(store))
    dataset = repository.dataset("sst")
    variables = tuple(replace(variable, unit="K") for variable in dataset.variables)
    return replace(dataset, license="CC-BY-4.0", title={"en": "Sea surface temperature"}, variables=variables)


def test_nothing_is_said_of_a_dataset_that_states_all(described: Dataset) -> None:
    assert unstated(described, [Path("a.tif")]) == []


def test_each_thing_that_is_missing_is_named_with_its_member(described: Dataset) -> None:
    bare = replace(
        described,
        license=None,
        title={"en": described.id},
        variables=tuple(replace(variable, unit=None) for variable in described.variables),
    )
    said = " ".join(unstated(bare, [Path("a.tif")]))
    assert [member for member in (*MEMBERS, *OPTIONS) if member not in said] == []
    assert "time" not in said


def test_dates_in_the_names_of_files_come_with_the_pattern_that_reads_them(described: Dataset) -> None:
    (said,) = unstated(replace(described, time=None), [Path("oisst-20220913-sst.tif")])
    assert r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)" in said
    assert unstated(replace(described, time=None), [Path("dem.tif")])[0].startswith("no time: ")
