"""Records created, replaced, patched and deleted over HTTP, by OGC API Features Part 4 (draft) and RFC 9110."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from config.settings import RecordsSettings
from records.datasets.repository import Repository
from records.writing.record_store import RecordStore
from records.writing.transactions import Transactions
from services.app import create_app

if TYPE_CHECKING:
    import httpx

    from tests.services.apis.records.conftest import Writing

ITEMS = "/collections/records/items"
GEOJSON, MERGE = "application/geo+json", "application/merge-patch+json"
BASE = "http://localhost:8080"


def document(record_id: str | None, **properties: Any) -> dict[str, Any]:
    words = {"title": {"en": "Snow depth", "zh": "积雪深度"}, "keywords": {"en": ["snow"], "zh": ["积雪"]}}
    made = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [[[75, 26], [105, 26], [105, 40], [75, 40], [75, 26]]]},
        "time": {"interval": ["2001-01-01", "2005-12-31"]},
        "properties": {"type": "dataset", **words, **properties},
        "links": [{"rel": "about", "href": "https://example.org/snow", "title": "About"}],
    }
    return made if record_id is None else {"id": record_id, **made}


def send(w: Writing, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = MERGE if method == "PATCH" else GEOJSON
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    given = {"Content-Type": kind} if content is not None else {}
    return w.client.request(method, path, content=content, headers={**w.bearer, **given, **named})


def made(w: Writing, record_id: str, **properties: Any) -> str:
    """Create a record; its tag."""
    answer = send(w, "POST", ITEMS, document(record_id, **properties))
    assert answer.status_code == 201, answer.text
    return answer.headers["etag"]


def stored(w: Writing, record_id: str) -> dict[str, Any]:
    answer = w.client.get(f"{ITEMS}/{record_id}?f=stored")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_posted_record_is_there_at_its_location_and_found(writing: Writing) -> None:
    answer = send(writing, "POST", ITEMS, document("made-a"))
    assert (answer.status_code, answer.headers["location"]) == (201, f"{BASE}{ITEMS}/made-a")
    served = writing.client.get(f"{ITEMS}/made-a?lang=zh").json()
    assert served["properties"]["title"] == "积雪深度"
    found = writing.client.get(f"{ITEMS}?q=积雪&ids=made-a").json()
    assert [f["id"] for f in found["features"]] == ["made-a"]


def test_a_record_without_an_id_gets_one(writing: Writing) -> None:
    one, other = (send(writing, "POST", ITEMS, document(None)).headers["location"] for _ in range(2))
    assert one != other
    assert writing.client.get(one).status_code == 200


def test_an_id_that_is_taken_is_409_and_412_under_if_none_match(writing: Writing) -> None:
    made(writing, "taken")
    assert send(writing, "POST", ITEMS, document("taken")).status_code == 409
    assert send(writing, "POST", ITEMS, document("taken"), If_None_Match="*").status_code == 412
    assert send(writing, "PUT", f"{ITEMS}/taken", document("taken"), If_None_Match="*").status_code == 412


def test_put_creates_replaces_and_ignores_the_id_of_the_body(writing: Writing) -> None:
    created = send(writing, "PUT", f"{ITEMS}/put-a", document("another"))
    assert (created.status_code, created.headers["location"]) == (201, f"{BASE}{ITEMS}/put-a")
    replaced = send(writing, "PUT", f"{ITEMS}/put-a", document(None, license="CC-BY-4.0"))
    assert replaced.status_code == 204
    assert (stored(writing, "put-a")["id"], stored(writing, "put-a")["properties"]["license"]) == ("put-a", "CC-BY-4.0")
    assert writing.client.get(f"{ITEMS}/another").status_code == 404
    refused = send(writing, "PUT", f"{ITEMS}/put-b", document(None), If_Match="*")
    assert refused.status_code == 412
    assert writing.client.get(f"{ITEMS}/put-b").status_code == 404


def test_the_stored_form_put_back_changes_nothing(writing: Writing) -> None:
    made(writing, "round", lineage={"en": "As made."}, foreign={"kept": [1.5, None]}, created="1999-01-01")
    before = writing.client.get(f"{ITEMS}/round?f=stored")
    answer = send(writing, "PUT", f"{ITEMS}/round", before.content, If_Match=before.headers["etag"])
    after = writing.client.get(f"{ITEMS}/round?f=stored")
    assert (answer.status_code, after.content, after.headers["etag"]) == (204, before.content, before.headers["etag"])
    listed = send(writing, "GET", f"{ITEMS}/round/versions").json()["versions"]
    assert [v["version"] for v in listed] == [1]


def test_a_served_form_of_one_language_put_back_says_the_same(writing: Writing) -> None:
    body = document("single", title="Glaciers", keywords=["ice"], language={"code": "en"})
    assert send(writing, "POST", ITEMS, body).status_code == 201
    assert stored(writing, "single")["properties"]["title"] == {"en": "Glaciers"}
    before = stored(writing, "single")
    served = writing.client.get(f"{ITEMS}/single").json()
    assert send(writing, "PUT", f"{ITEMS}/single", served).status_code == 204
    after = stored(writing, "single")
    after.pop("conformsTo", None)
    assert after == before


def test_words_of_languages_that_would_be_lost_are_refused(writing: Writing) -> None:
    made(writing, "two-languages")
    served = writing.client.get(f"{ITEMS}/two-languages").json()
    whole = send(writing, "PUT", f"{ITEMS}/two-languages", served)
    assert (whole.status_code, "/properties/languages" in whole.json()["detail"]) == (400, True)
    del served["properties"]["languages"]
    silent = send(writing, "PUT", f"{ITEMS}/two-languages", served)
    assert (silent.status_code, "zh" in silent.json()["detail"]) == (409, True)
    assert stored(writing, "two-languages")["properties"]["title"]["zh"] == "积雪深度"


@pytest.mark.parametrize(
    ("title", "header", "tag"),
    [("Snow", {}, "und"), ("积雪", {}, "zh"), ("Neige", {"Content_Language": "FR"}, "fr")],
)
def test_words_without_a_language_are_tagged_and_the_answer_says_how(
    writing: Writing, title: str, header: dict[str, str], tag: str
) -> None:
    body = document(f"unsaid-{tag}", title=title, keywords=[title])
    answer = send(writing, "POST", ITEMS, body, **header)
    assert (answer.status_code, answer.headers["content-language"]) == (201, tag), answer.text
    properties = stored(writing, f"unsaid-{tag}")["properties"]
    assert (properties["title"], properties["keywords"]) == ({tag: title}, {tag: [title]})
    again = send(writing, "PUT", f"{ITEMS}/unsaid-{tag}", body | {"properties": {"type": "dataset", "title": "Other"}})
    assert (again.status_code, stored(writing, f"unsaid-{tag}")["properties"]["title"]) == (204, {tag: "Other"})


def test_content_language_names_one_language(writing: Writing) -> None:
    refused = send(writing, "POST", ITEMS, document(None, title="Snow"), Content_Language="en, fr")
    assert (refused.status_code, "en, fr" in refused.json()["detail"]) == (400, True), refused.text


def test_what_get_shows_is_edited_and_patched_back(writing: Writing) -> None:
    contacts = [{"organization": {"en": "Centre", "zh": "中心"}}]
    made(writing, "shown", license="CC-BY-4.0", description={"en": "Old", "zh": "旧"}, contacts=contacts)
    before = stored(writing, "shown")
    shown = writing.client.get(f"{ITEMS}/shown").json()
    assert send(writing, "PATCH", f"{ITEMS}/shown", shown).status_code == 204
    assert stored(writing, "shown") == before
    shown["properties"] |= {"title": "Depth of snow", "license": None}
    assert send(writing, "PATCH", f"{ITEMS}/shown", shown).status_code == 204
    after = stored(writing, "shown")
    assert after["properties"]["title"] == {"en": "Depth of snow", "zh": "积雪深度"}
    assert "license" not in after["properties"]
    for changed in (before, after):
        del changed["properties"]["title"]
        changed["properties"].pop("license", None)
    assert after == before


def test_a_patched_text_is_in_the_language_that_get_would_show(writing: Writing) -> None:
    made(writing, "in-chinese")
    change = {"properties": {"title": "雪深"}}
    assert send(writing, "PATCH", f"{ITEMS}/in-chinese?lang=zh", change).status_code == 204
    assert stored(writing, "in-chinese")["properties"]["title"] == {"en": "Snow depth", "zh": "雪深"}
    change = {"properties": {"title": "Neige"}}
    assert send(writing, "PATCH", f"{ITEMS}/in-chinese", change, Accept_Language="fr").status_code == 204
    assert stored(writing, "in-chinese")["properties"]["title"] == {"en": "Neige", "zh": "雪深"}


def test_a_patched_list_in_one_language_does_not_drop_another(writing: Writing) -> None:
    made(writing, "parties", contacts=[{"organization": {"en": "Centre", "zh": "中心"}}])
    refused = send(
        writing, "PATCH", f"{ITEMS}/parties", {"properties": {"contacts": [{"organization": "Another centre"}]}}
    )
    assert (refused.status_code, "/properties/contacts" in refused.json()["detail"]) == (409, True)


def test_a_merge_patch_changes_what_it_names_and_null_removes(writing: Writing) -> None:
    made(writing, "patched", license="CC-BY-4.0", description={"en": "Old"})
    change = {"id": "x", "properties": {"license": None, "description": {"zh": "新"}, "language": "en", "title": "Ice"}}
    assert send(writing, "PATCH", f"{ITEMS}/patched", change).status_code == 204
    properties = stored(writing, "patched")["properties"]
    assert properties["title"] == {"en": "Ice", "zh": "积雪深度"}
    assert properties["description"] == {"en": "Old", "zh": "新"}
    assert "license" not in properties
    assert "language" not in properties
    broken = send(writing, "PATCH", f"{ITEMS}/patched", {"properties": {"title": None}})
    assert (broken.status_code, "/properties/title is missing" in broken.json()["detail"]) == (400, True)
    assert send(writing, "PATCH", f"{ITEMS}/nothing", {}).status_code == 404


def test_a_deleted_record_is_gone(writing: Writing) -> None:
    made(writing, "short-lived")
    assert send(writing, "DELETE", f"{ITEMS}/short-lived", If_Match='"other.stored"').status_code == 412
    assert send(writing, "DELETE", f"{ITEMS}/short-lived").status_code == 204
    assert writing.client.get(f"{ITEMS}/short-lived").status_code == 404
    assert send(writing, "DELETE", f"{ITEMS}/short-lived").status_code == 404


def test_tags_tell_forms_apart_and_any_of_them_allows_the_change(writing: Writing) -> None:
    first = made(writing, "tagged")
    paths = [f"{ITEMS}/tagged?{query}" for query in ("lang=en", "lang=zh", "f=stored", "lang=en&f=application/json")]
    plain = [writing.client.get(p, headers={"Accept-Encoding": "identity"}).headers["etag"] for p in paths]
    packed = [writing.client.get(p, headers={"Accept-Encoding": "gzip"}).headers["etag"] for p in paths]
    assert len({*plain, *packed}) == 8
    assert not [tag for tag in (*plain, *packed) if tag.startswith("W/")]
    assert plain[2] == first
    for number, tag in enumerate([*plain, *packed]):  # each a tag of the state that is; the change makes another
        fresh = tag.replace(tag[1:21], stored_state(writing, "tagged"))
        change = {"properties": {"license": f"L{number}"}}
        assert send(writing, "PATCH", f"{ITEMS}/tagged", change, If_Match=fresh).status_code == 204
        assert send(writing, "PATCH", f"{ITEMS}/tagged", change, If_Match=fresh).status_code == 412
    assert send(writing, "PATCH", f"{ITEMS}/tagged", {}, If_Match=f"W/{first}").status_code == 412
    assert send(writing, "PATCH", f"{ITEMS}/tagged", {}, If_Match="unquoted").status_code == 400


def stored_state(w: Writing, record_id: str) -> str:
    return w.client.head(f"{ITEMS}/{record_id}").headers["etag"][1:21]


@pytest.mark.parametrize("coding", ["gzip", "identity"])
@pytest.mark.parametrize("query", ["", "?lang=zh", "?f=stored"])
def test_a_record_that_the_client_holds_is_304(writing: Writing, query: str, coding: str) -> None:
    record_id = f"held-{coding}-{query[1:].replace('=', '-')}"
    made(writing, record_id)
    url, accept = f"{ITEMS}/{record_id}{query}", {"Accept-Encoding": coding}
    first = writing.client.get(url, headers=accept)
    assert writing.client.head(url, headers=accept).headers["etag"] == first.headers["etag"]
    again = writing.client.get(url, headers={**accept, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert writing.client.get(url, headers={**accept, **since}).status_code == 304
    send(writing, "PATCH", f"{ITEMS}/{record_id}", {"properties": {"license": "L"}})
    changed = writing.client.get(url, headers={**accept, "If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


def test_a_page_has_neither_tag_nor_date_of_its_document(writing: Writing) -> None:
    made(writing, "paged")
    headers = {"Accept": "text/html", "If-None-Match": "*", "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    page = writing.client.get(f"{ITEMS}/paged", headers=headers)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert not {"etag", "last-modified"} & set(page.headers)


def test_a_change_since_a_date_is_412(writing: Writing) -> None:
    made(writing, "dated")
    change = {"properties": {"license": "L"}}
    old = send(writing, "PATCH", f"{ITEMS}/dated", change, If_Unmodified_Since="Sat, 01 Jan 2000 00:00:00 GMT")
    new = send(writing, "PATCH", f"{ITEMS}/dated", change, If_Unmodified_Since="Fri, 01 Jan 2100 00:00:00 GMT")
    assert (old.status_code, new.status_code) == (412, 204)


def test_where_a_state_must_be_presumed_a_change_without_is_428(writing: Writing) -> None:
    tag = made(writing, "strict")
    settings = writing.settings.model_copy(update={"records": RecordsSettings(require_match=True)})
    with TestClient(create_app(settings), base_url=BASE) as client:
        url, body = f"{ITEMS}/strict", json.dumps(document("strict", license="L")).encode()
        headers = {**writing.bearer, "Content-Type": GEOJSON}
        assert client.put(url, content=body, headers=headers).status_code == 428
        assert client.delete(url, headers=writing.bearer).status_code == 428
        assert client.put(f"{ITEMS}/strict-new", content=body, headers=headers).status_code == 201
        assert client.put(url, content=body, headers={**headers, "If-Match": tag}).status_code == 204


def test_of_two_writers_at_once_one_is_told_to_read_again(writing: Writing) -> None:
    tag = made(writing, "raced")
    start = threading.Barrier(2)

    def write(client: TestClient, name: str) -> int:
        body = json.dumps(document("raced", license=name)).encode()
        headers = {**writing.bearer, "Content-Type": GEOJSON, "If-Match": tag}
        start.wait(timeout=30)
        return client.put(f"{ITEMS}/raced", content=body, headers=headers).status_code

    with TestClient(create_app(writing.settings), base_url=BASE) as other, ThreadPoolExecutor(2) as pool:
        clients = {"first": writing.client, "second": other}
        statuses = {name: pool.submit(write, client, name) for name, client in clients.items()}
        found = {name: future.result() for name, future in statuses.items()}
    assert sorted(found.values()) == [204, 412]
    winner = next(name for name, status in found.items() if status == 204)
    assert stored(writing, "raced")["properties"]["license"] == winner


def test_writers_that_presume_nothing_wait_for_one_another_and_every_state_is_kept(writing: Writing) -> None:
    made(writing, "busy")
    names = [f"L{i}" for i in range(12)]

    def patch(name: str) -> None:
        change = {"properties": {name: name}}
        Transactions(writing.engine).patch("busy", change, who=f"token {name}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(patch, names))
    assert set(names) <= stored(writing, "busy")["properties"].keys()
    listed = send(writing, "GET", f"{ITEMS}/busy/versions").json()["versions"]
    assert [v["version"] for v in listed] == list(range(13, 0, -1))
    assert {v["who"] for v in listed} == {f"token {name}" for name in names} | {"token editor"}


def faulty(**changes: Any) -> dict[str, Any]:
    return {**document("faulty"), **changes}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (faulty(type="Thing"), "/type is 'Thing', and must be Feature"),
        (faulty(id="a/b"), "/id: id is 'a/b'"),
        (faulty(properties=None), "/properties is null"),
        (document("f", title={"en": "x" * 1001}), "/properties/title/en has 1001 characters; at most 1000"),
        (document("f", title={"EN!": "x"}), "/properties/title/EN!: the name is no language tag"),
        (document("f", title={}), "/properties/title is empty; give it by language tag"),
        (document("f", type=7), "/properties/type is number, and must be string"),
        (document("f", externalIds=[{"value": "a"}, {"scheme": "doi"}]), "/properties/externalIds/1/value is missing"),
        (document("f", contacts=[{"name": 5}]), "/properties/contacts/0/name"),
        (document("f", keywords={"en": ["k"] * 1001}), "/properties/keywords/en has 1001 members; at most 1000"),
        (document("f", lineage="told"), "/properties/lineage is string"),
        (document("f", license="other"), "/properties/license: properties.license is other; add a link"),
        (faulty(links=[{"rel": "about"}]), "/links/0/href is missing"),
        (faulty(links=[{"href": "javascript:alert(1)"}]), "/links/0/href is 'javascript:alert(1)'"),
        (faulty(geometry={"type": "Point", "coordinates": [200, 0]}), "/geometry: geometry lies outside"),
        (faulty(time={"interval": ["2006-02-31", ".."]}), "/time: time '2006-02-31'"),
        (document("f", note="\0"), "U+0000"),
        (document("f", deep=json.loads("[" * 40 + "]" * 40)), "more than 30 deep"),
        ([], "not a JSON object"),
        (b"{", "not JSON"),
    ],
)  # fmt: skip
def test_a_faulty_record_is_400_and_names_the_member(writing: Writing, body: Any, said: str) -> None:
    answer = send(writing, "POST", ITEMS, body)
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["detail"]


def test_bodies_of_other_kinds_or_too_large_are_refused(writing: Writing) -> None:
    made(writing, "kinds")
    url = f"{ITEMS}/kinds"
    assert send(writing, "PUT", url, b"<a/>", Content_Type="application/xml").status_code == 415
    assert send(writing, "PATCH", url, {}, Content_Type="application/json").status_code == 415
    large = send(writing, "PUT", url, document("kinds", note="x" * 1_000_001))
    assert (large.status_code, "1000000" in large.json()["detail"]) == (413, True)
    assert send(writing, "PUT", url, b" " * 5_000_000).status_code == 413
    assert send(writing, "PUT", url, document("kinds"), Content_Crs="<http://x/epsg/3857>").status_code == 400


def test_the_record_of_published_data_changes_in_its_words_alone(writing: Writing) -> None:
    before = stored(writing, "sea")
    body = {"type": "Feature", "properties": {**before["properties"], "title": {"en": "The sea"}, "license": "CC0-1.0"}}
    assert send(writing, "PUT", f"{ITEMS}/sea", body).status_code == 204
    after = stored(writing, "sea")
    assert (after["geometry"], after.get("time")) == (before["geometry"], before.get("time"))
    assert writing.client.get("/collections/sea").json()["title"] == "The sea"
    assert Repository(writing.engine).dataset("sea").license == "CC0-1.0"
    for member, change in {
        "/geometry": {"geometry": {"type": "Point", "coordinates": [0, 0]}},
        "/geometry ": {"geometry": None},
        "/time": {"time": {"date": "1999-01-01"}},
        "/properties/access": {"properties": {"access": {"policy": "login"}}},
    }.items():
        refused = send(writing, "PATCH", f"{ITEMS}/sea", change)
        assert (refused.status_code, member.strip() in refused.json()["detail"]) == (409, True), refused.text
    assert send(writing, "DELETE", f"{ITEMS}/sea").status_code == 409
    served = writing.client.get(f"{ITEMS}/sea").json()
    assert send(writing, "PUT", f"{ITEMS}/sea", served).status_code == 204
    assert stored(writing, "sea")["properties"] == after["properties"]
    assert Repository(writing.engine).dataset("sea").access.policy == "open"


def test_what_ingest_told_of_its_doing_stays_once(writing: Writing) -> None:
    record = stored(writing, "sea")
    record["properties"]["lineage"] = {"en": "Made by hand. Ingest: flipped rows."}
    Repository(writing.engine).revise(
        Repository(writing.engine).dataset("sea"), Repository(writing.engine).origin("sea"), record
    )
    for _ in range(2):
        send(writing, "PUT", f"{ITEMS}/sea", stored(writing, "sea") | {"links": []})
        assert stored(writing, "sea")["properties"]["lineage"]["en"] == "Made by hand. Ingest: flipped rows."
    send(writing, "PATCH", f"{ITEMS}/sea", {"properties": {"lineage": {"en": "Made anew."}}})
    assert stored(writing, "sea")["properties"]["lineage"]["en"] == "Made anew. Ingest: flipped rows."
    assert (Repository(writing.engine).origin("sea").joined or {})["properties"]["lineage"] == {"en": "Made anew."}
    first = Transactions(writing.engine).restore("sea", 1, who="command somebody")
    assert (first.record_id, first.is_new) == ("sea", False)
    assert stored(writing, "sea")["properties"]["lineage"]["en"].count("Ingest: ") == 1


def test_a_hidden_dataset_is_absent_for_writers_too(writing: Writing) -> None:
    repository = Repository(writing.engine)
    repository.hide("sea", hidden=True)
    try:
        assert send(writing, "PATCH", f"{ITEMS}/sea", {}).status_code == 404
        assert send(writing, "DELETE", f"{ITEMS}/sea").status_code == 404
        assert send(writing, "PUT", f"{ITEMS}/sea", document("sea")).status_code == 409
        assert send(writing, "GET", f"{ITEMS}/sea/versions").status_code == 404
    finally:
        repository.hide("sea", hidden=False)


def test_options_lists_what_the_sender_may_do(writing: Writing) -> None:
    reader, writer = writing.client.options(f"{ITEMS}/sea"), send(writing, "OPTIONS", f"{ITEMS}/sea")
    assert (reader.status_code, reader.headers["allow"]) == (200, "GET, HEAD, OPTIONS")
    assert writer.headers["allow"] == "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"
    assert writer.headers["accept-patch"] == MERGE
    assert "POST" in writing.client.options(ITEMS).headers["allow"]
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "PATCH"}
    crossing = writing.client.options(
        f"{ITEMS}/sea", headers={**asked, "Access-Control-Request-Headers": "authorization,if-match"}
    )
    assert "PATCH" in crossing.headers["access-control-allow-methods"]
    assert "authorization" in crossing.headers["access-control-allow-headers"]


def test_the_description_names_the_scheme_and_the_classes(writing: Writing) -> None:
    document_ = writing.client.get("/api").json()
    assert document_["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    item = document_["paths"][f"{ITEMS}/{{recordId}}"]
    assert all(item[method]["security"] == [{"bearer": []}] for method in ("put", "patch", "delete"))
    assert {"401", "403", "412", "428"} <= item["put"]["responses"].keys()
    classes = writing.client.get("/conformance").json()["conformsTo"]
    part = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/"
    assert {part + "create-replace-delete", part + "update", part + "optimistic-locking-etags"} <= set(classes)
    assert writing.client.get("/collections/records").json()["supportsNonAutogeneratedResourceIds"] is True


def test_harvest_ingest_and_removal_are_versions_without_what_is_private(writing: Writing) -> None:
    from tests.support.harvest import harvested, ncdc_entry

    store, entry = RecordStore(writing.engine), harvested(ncdc_entry())
    source = "https://someone:secret@example.org/records?key=hidden"
    record_id = store.put(entry, source=source, item="a").record_id
    store.put(entry, source=source, item="a")
    store.remove(record_id, who="command someone")
    answer = send(writing, "GET", f"{ITEMS}/{record_id}/versions?limit=1")
    assert [(v["version"], v["action"], v["who"]) for v in answer.json()["versions"]] == [(2, "removed", "command")]
    following = next(k["href"] for k in answer.json()["links"] if k["rel"] == "next")
    rest = send(writing, "GET", following).json()
    assert [(v["version"], v["action"], v["who"]) for v in rest["versions"]] == [(1, "harvested", "harvest")]
    assert not [word for word in ("someone", "secret", "hidden", "example.org/records") if word in answer.text]
    assert send(writing, "GET", f"{ITEMS}/sea/versions").json()["versions"][-1]["action"] == "published"
    assert send(writing, "GET", f"{ITEMS}/never/versions").status_code == 404
