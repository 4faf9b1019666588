"""What one Graticule serves by CSW and by OAI-PMH, another harvests: the same records, and again unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from shapely.geometry import shape

from records.harvest.fetch.fetching import Limits
from records.harvest.run import harvest
from records.harvest.services.protocols import services
from records.writing.record_store import RecordStore
from tests.services.apis.conftest import CATALOGUE

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from records.harvest.services.protocols import Service
    from tests.services.apis.conftest import Running

PATHS = {"csw": "/csw", "oai-pmh": "/oai"}


def known(document: dict[str, Any]) -> dict[str, Any]:
    """What both forms of a record must say alike."""
    properties = document["properties"]
    place = document.get("geometry")
    return {
        "id": document["id"],
        "time": document.get("time"),
        "place": shape(place).normalize().wkt if place else None,
        **{name: properties.get(name) for name in ("type", "title", "description", "keywords", "license")},
        "doi": {e["value"] for e in properties.get("externalIds", []) if e.get("scheme") == "doi"},
        "parties": {party["organization"] for party in properties.get("contacts", [])},
    }


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_another_graticule_harvests_equal_records(centre: Running, engine: Engine, service: Service) -> None:
    store = RecordStore(engine)
    for status in ("added", "unchanged"):
        report = harvest(
            centre.base + PATHS[service.name],
            store=store,
            adapter=None,
            limits=Limits(allow_private=True),
            service=service,
        )
        assert report.counts == {status: len(CATALOGUE)}, report.outcomes
    for document in CATALOGUE:
        assert known(store.document(document["id"])) == known(document)
