"""OAI-PMH 2.0: the verbs, the errors, and lists that lose nothing while records change."""

from __future__ import annotations

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from records.database.orm import RecordRow
from records.datasets.repository import Repository
from records.documents.documents import searchable
from services.apis.oai import verbs
from services.apis.oai.arguments import OaiFault
from services.apis.oai.tokens import decode_token
from services.app import create_app
from tests.services.apis.conftest import HIDDEN
from tests.support.rasters import coded, global_grid, publication
from tests.support.records import add, document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx2 import Response
    from sqlalchemy import Engine

    from config.settings import Settings
    from tests.services.apis.conftest import Running

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
ME = "oai:127.0.0.1:"
DC_RECORDS = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}


def answered(answer: Response) -> etree._Element:
    """The document of an answer, which has the protocol's three parts."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(answer.content)
    assert [child.tag for child in root[:2]] == [OAI + "responseDate", OAI + "request"]
    assert len(root) == 3
    return root


def asked(client: TestClient, **arguments: str) -> etree._Element:
    return answered(client.get("/oai", params=arguments))


def code(root: etree._Element) -> str | None:
    error = root.find(OAI + "error")
    return None if error is None else error.get("code")


def listed(root: etree._Element) -> list[str]:
    return [str(e.text).rpartition(":")[2] for e in root.iter(OAI + "identifier")]


def token(root: etree._Element) -> str:
    found = root.find(f".//{OAI}resumptionToken")
    return "" if found is None else found.text or ""


def test_the_repository_identifies_itself(reader: TestClient, centre: Running) -> None:
    root = asked(reader, verb="Identify")
    said = {etree.QName(e).localname: e.text for e in root.find(OAI + "Identify")}
    assert said["baseURL"] == root.find(OAI + "request").text == f"{centre.base}/oai"
    assert (said["protocolVersion"], said["deletedRecord"]) == ("2.0", "no")
    assert (said["adminEmail"], said["granularity"]) == ("data@example.org", "YYYY-MM-DDThh:mm:ssZ")
    assert datetime.fromisoformat(said["earliestDatestamp"] or "") <= datetime.now(UTC)


def test_formats_and_sets_are_listed(reader: TestClient) -> None:
    formats = asked(reader, verb="ListMetadataFormats", identifier=f"{ME}fiji")
    assert {"oai_dc", "iso19139"} <= {e.text for e in formats.iter(OAI + "metadataPrefix")}
    sets = asked(reader, verb="ListSets")
    assert [e.text for e in sets.iter(OAI + "setSpec")] == ["dataset", "series", "service"]


def test_a_record_is_got_in_every_format_and_language(reader: TestClient) -> None:
    root = asked(reader, verb="GetRecord", identifier=f"{ME}permafrost", metadataPrefix="oai_dc")
    assert root.find(OAI + "request").attrib == {
        "verb": "GetRecord", "identifier": f"{ME}permafrost", "metadataPrefix": "oai_dc",
    }  # fmt: skip
    assert root.find(f".//{OAI}header/{OAI}setSpec").text == "dataset"
    titles = {e.get("{http://www.w3.org/XML/1998/namespace}lang"): e.text for e in root.iter(DC + "title")}
    assert titles == {"en": "Permafrost map of the Tibetan Plateau", "zh": "青藏高原多年冻土分布图"}
    for prefix in [e.text for e in asked(reader, verb="ListMetadataFormats").iter(OAI + "metadataPrefix")]:
        metadata = asked(reader, verb="GetRecord", identifier=f"{ME}permafrost", metadataPrefix=str(prefix))
        assert "青藏高原多年冻土分布图" in etree.tostring(metadata, encoding="unicode")


def test_lists_hold_what_is_public_of_a_set_and_a_time(reader: TestClient) -> None:
    assert sorted(listed(asked(reader, **DC_RECORDS))) == ["fiji", "permafrost", "plain", "sea-ice"]
    assert listed(asked(reader, verb="ListIdentifiers", metadataPrefix="oai_dc", set="series")) == ["fiji"]
    assert len(listed(asked(reader, **DC_RECORDS, **{"from": "2000-01-01", "until": "9999-12-31"}))) == 4
    assert code(asked(reader, **DC_RECORDS, until="2000-01-01T00:00:00Z")) == "noRecordsMatch"
    hidden = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": ME + HIDDEN}
    assert code(asked(reader, **hidden)) == "idDoesNotExist"


def test_a_form_is_answered_as_a_query_is(reader: TestClient) -> None:
    posted = answered(reader.post("/oai", data=DC_RECORDS))
    assert listed(posted) == listed(asked(reader, **DC_RECORDS))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "badVerb"),
        ("verb=Nothing", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=x", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2001", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2001-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2001-01-01T00:00:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2001-01-01&until=2002-01-01T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2002-01-01&until=2001-01-01", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=%00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a%20b", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=nothing", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        ("verb=ListRecords&resumptionToken=%F0%9F%A6%8A", "badResumptionToken"),
        ("verb=ListRecords&resumptionToken=aaaa", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=fiji", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:127.0.0.1:none", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=marc21&identifier=oai:127.0.0.1:fiji", "cannotDisseminateFormat"),
        ("verb=ListMetadataFormats&identifier=oai:example.org:fiji", "idDoesNotExist"),
    ],
)
def test_errors_are_told_with_status_200(reader: TestClient, query: str, expected: str) -> None:
    for root in (
        answered(reader.get(f"/oai?{query}")),
        answered(reader.post("/oai", content=query, headers={"Content-Type": "application/x-www-form-urlencoded"})),
    ):
        assert code(root) == expected
        assert bool(root[1].attrib) == (expected not in ("badVerb", "badArgument"))


def test_a_body_that_is_no_form_is_a_bad_verb(reader: TestClient) -> None:
    for body in (b"\xff\xfe", b"x" * 100_000, b"&".join(b"a=1" for _ in range(500))):
        assert code(answered(reader.post("/oai", content=body))) == "badVerb"


def test_a_form_that_is_too_long_is_refused_and_never_cut(reader: TestClient) -> None:
    form = "verb=GetRecord&metadataPrefix=oai_dc&identifier=" + "x" * 30_000
    assert code(answered(reader.post("/oai", content=form))) == "badVerb"


# Lists of several pages, of a catalogue that changes.


@pytest.fixture
def pages(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A client of an empty catalogue that lists two records a page."""
    monkeypatch.setattr(verbs, "PAGE", 2)
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8080") as client:
        yield client


def harvested(client: TestClient, first: etree._Element) -> list[str]:
    """What the pages after this one hold, it included."""
    found, root = listed(first), first
    while key := token(root):
        root = asked(client, verb="ListIdentifiers", resumptionToken=key)
        found += listed(root)
    return found


def five(engine: Engine) -> None:
    for name in "abcde":
        add(engine, document(name))


def test_pages_follow_one_another_and_count(pages: TestClient, engine: Engine) -> None:
    assert code(asked(pages, verb="ListSets")) == "noSetHierarchy"
    assert code(asked(pages, **DC_RECORDS)) == "noRecordsMatch"
    five(engine)
    first = asked(pages, verb="ListIdentifiers", metadataPrefix="oai_dc")
    marks = first.find(f".//{OAI}resumptionToken").attrib
    assert marks == {"completeListSize": "5", "cursor": "0"}
    assert harvested(pages, first) == list("abcde")


def test_a_record_that_changes_meanwhile_is_met_again_and_none_is_lost(pages: TestClient, engine: Engine) -> None:
    five(engine)
    first = asked(pages, verb="ListIdentifiers", metadataPrefix="oai_dc")
    with Session(engine) as session, session.begin():
        later = datetime.now(UTC)
        session.execute(update(RecordRow).where(RecordRow.id.in_(["a", "d"])).values(updated=later))
    assert harvested(pages, first) == ["a", "b", "c", "e", "a", "d"]


def test_a_change_that_is_not_yet_committed_is_not_passed_by(pages: TestClient, engine: Engine) -> None:
    five(engine)  # the terms of the records are known from now on: who adds the same new one waits for the other
    with Session(engine) as session, session.begin():
        session.execute(delete(RecordRow))
    with Session(engine) as slow, slow.begin():
        slow.execute(insert(RecordRow).values(**searchable(document("slow"))))
        five(engine)  # begun later, committed earlier
        root = asked(pages, verb="ListIdentifiers", metadataPrefix="oai_dc")
        assert code(root) == "noRecordsMatch"
        answered_at = str(root[0].text)
    since = asked(pages, verb="ListIdentifiers", metadataPrefix="oai_dc", **{"from": answered_at})
    assert harvested(pages, since) == ["slow", *"abcde"]


def test_a_token_that_was_tampered_with_is_bad(pages: TestClient, engine: Engine) -> None:
    five(engine)
    good = token(asked(pages, verb="ListIdentifiers", metadataPrefix="oai_dc"))
    assert code(asked(pages, verb="ListRecords", resumptionToken=good)) == "badResumptionToken"
    raw = bytearray(base64.urlsafe_b64decode(good + "=" * (-len(good) % 4)))
    raw[-3] ^= 1
    changed = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert code(asked(pages, verb="ListIdentifiers", resumptionToken=changed)) == "badResumptionToken"
    assert code(asked(pages, verb="ListIdentifiers", resumptionToken=good[:-1])) == "badResumptionToken"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[1]",
        b'["ListIdentifiers","oai_dc",null,[null,null,"x","a"],0,0]',
        b'["ListIdentifiers","oai_dc",null,[null,null,"2020-01-01T00:00:00+00:00",1],0,0]',
        b'["ListIdentifiers",1,null,[null,null,"2020-01-01T00:00:00+00:00","a"],0,0]',
    ],
)
def test_a_token_of_another_shape_is_bad_though_it_is_signed(body: bytes) -> None:
    signed = hmac.digest(b"key", body, "sha256")[:16] + body
    with pytest.raises(OaiFault) as raised:
        decode_token(base64.urlsafe_b64encode(signed).decode().rstrip("="), b"key", verb="ListIdentifiers")
    assert raised.value.code == "badResumptionToken"


def test_times_are_compared_by_whole_seconds(pages: TestClient, engine: Engine) -> None:
    five(engine)
    moment = datetime(2020, 5, 1, 12, 0, 0, 500_000, UTC)
    with Session(engine) as session, session.begin():
        session.execute(update(RecordRow).where(RecordRow.id == "c").values(updated=moment))
    at = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"}
    second = "2020-05-01T12:00:00Z"
    assert listed(asked(pages, **at, **{"from": second, "until": second})) == ["c"]
    assert listed(asked(pages, **at, until="2020-05-01")) == ["c"]
    before = (moment - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert code(asked(pages, **at, until=before)) == "noRecordsMatch"


def test_a_dataset_that_is_shown_again_is_met_by_who_harvested_meanwhile(
    pages: TestClient, engine: Engine, tmp_path: Path
) -> None:
    repository = Repository(engine)
    repository.publish(publication(tmp_path, "sst", {None: coded(global_grid(8, 4))}, global_grid(8, 4)))
    repository.hide("sst", hidden=True)
    at = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"}
    long_ago = datetime(2020, 5, 1, tzinfo=UTC)
    with Session(engine) as session, session.begin():
        session.execute(update(RecordRow).values(updated=long_ago))
    since = {"from": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert code(asked(pages, **at)) == "noRecordsMatch"
    repository.hide("sst", hidden=False)
    assert listed(asked(pages, **at, **since)) == ["sst"]
