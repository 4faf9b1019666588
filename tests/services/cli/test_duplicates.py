"""Records that share an identifier are found."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.records import add, document

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.services.cli.conftest import Run

DOI = {"scheme": "doi", "value": "10.12072/ncdc.1"}


def test_identifiers_of_several_records_are_listed_with_them(run: Run, engine: Engine) -> None:
    add(
        engine,
        document("datacite", externalIds=[{"scheme": "DOI", "value": "10.12072/NCDC.1"}]),
        document("csw", externalIds=[DOI, {"value": "urn:x:1"}]),
        document("oai", externalIds=[{"value": "urn:x:1"}, {"scheme": "doi", "value": "10.1/other"}]),
        document("alone", externalIds=[{"scheme": "doi", "value": "10.1/alone"}]),
    )
    code, out, _ = run("records", "duplicates")
    assert code == 0
    assert sorted(out.splitlines()) == ["doi:10.12072/ncdc.1\tcsw\tdatacite", "urn:x:1\tcsw\toai"]
    first = json.loads(run("records", "duplicates", "--json")[1].splitlines()[0])
    assert first == {"identifier": "doi:10.12072/ncdc.1", "records": ["csw", "datacite"]}
