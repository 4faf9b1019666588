"""The pages of processes and jobs: a form that executes, progress, results."""

from __future__ import annotations

import re
import time
from html import unescape
from typing import TYPE_CHECKING

import pytest

from config.errors import InvalidParameter
from services.apis.processes.forms.fields import fields, inputs
from services.portal.pages.results import MAX_ROWS, Result, result_view
from services.portal.pages.snippets import execution_example
from services.processes import registry
from services.processes.echo import Echo

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

FORM = "/processes/echo/form"
DESCRIPTION = Echo.description


def finished(client: TestClient, path: str) -> str:
    """The page of a job once it has ended."""
    for _ in range(200):
        text = client.get(path).text
        if 'id="job"' not in text:
            return text
        time.sleep(0.1)
    raise AssertionError(text)


def test_a_form_has_a_labelled_control_for_each_input(client: TestClient) -> None:
    page = client.get("/processes/echo?f=html").text
    for name in DESCRIPTION["inputs"]:
        assert f'<label for="in-{name}">' in page
        assert re.search(rf'<(?:input|select|textarea) id="in-{name}" name="{name}"', page)
    assert re.search(r'name="stringInput" required', page)
    assert re.search(r'name="pause"[^>]*type="number"[^>]*min="0"[^>]*max="3600"', page)
    assert f'action="{FORM}"' in page


@pytest.mark.parametrize("process_id", registry.process_ids())
def test_a_process_is_described_in_chinese_to_who_asks_for_it(client: TestClient, process_id: str) -> None:
    english, chinese = (client.get(f"/processes/{process_id}?lang={language}").json() for language in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for group in ("inputs", "outputs"):
        assert english[group].keys() == chinese[group].keys()
        pairs = [(english[group][name], chinese[group][name]) for name in english[group]]
        assert all(a["schema"] == b["schema"] for a, b in pairs)
        assert all(re.search("[一-龥]", b[word]) for _, b in pairs for word in ("title", "description") if word in b)
    listed = client.get("/processes", headers={"Accept-Language": "zh"})
    assert chinese["title"] in [found["title"] for found in listed.json()["processes"]]
    assert listed.headers["content-language"] == "zh"
    assert f"<h1>{chinese['title']}" in client.get(f"/processes/{process_id}?f=html&lang=zh").text


def test_a_filled_form_becomes_a_job_whose_page_shows_the_result(processing: TestClient) -> None:
    filled = {"stringInput": "你好 <b>", "pause": "0", "bboxInput": "1, 2, 3, 4", "mixedInput": "2.5", "lang": "zh"}
    answer = processing.post(FORM, data=filled, follow_redirects=False)
    assert answer.status_code == 303
    assert re.fullmatch(r"/jobs/[0-9a-f-]+\?f=html&lang=zh", answer.headers["location"])
    text = finished(processing, answer.headers["location"])
    assert "你好 &lt;b&gt;" in text
    assert "<dt>mixedOutput</dt><dd>2.5" in re.sub(r"\s*\n\s*", "", text)
    assert '<html lang="zh-CN">' in text
    assert ">已完成<" in text


def test_a_running_job_refreshes_with_and_without_scripts(processing: TestClient) -> None:
    answer = processing.post(FORM, data={"stringInput": "x", "pause": "30"}, follow_redirects=False)
    path = answer.headers["location"]
    text = processing.get(path).text
    assert "job.js" in text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text
    assert "<progress" in text
    processing.delete(path.partition("?")[0])
    assert ">Dismissed<" in processing.get(path).text


@pytest.mark.parametrize(
    ("filled", "words"),
    [
        ({"pause": "1"}, "stringInput"),
        ({"stringInput": "<i>", "pause": "x"}, "number"),
        ({"stringInput": "a", "bboxInput": "1,2"}, "west,south"),
    ],
)
def test_a_form_with_a_mistake_is_shown_again_as_it_was_filled(
    processing: TestClient, filled: dict[str, str], words: str
) -> None:
    answer = processing.post(FORM, data=filled)
    assert answer.status_code == 400
    assert words in unescape(answer.text.partition('role="alert"')[2].partition("</section>")[0])
    for value in filled.values():
        assert value in unescape(answer.text)
    assert "<i>" not in answer.text.partition("<form")[2]


def test_forms_of_other_sites_and_other_bodies_are_refused(processing: TestClient) -> None:
    data = {"stringInput": "x"}
    assert processing.post(FORM, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert processing.post(FORM, json=data).status_code == 400
    assert processing.post("/processes/none/form", data=data).status_code == 404
    many = "&".join(f"a{n}=1" for n in range(500))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert processing.post(FORM, content=many, headers=headers).status_code == 400


def test_a_form_means_the_inputs_of_its_description() -> None:
    described = {
        "inputs": {
            "n": {"schema": {"type": "integer"}},
            "kind": {"schema": {"enum": [1, 2]}},
            "yes": {"schema": {"type": "boolean"}},
            "area": {"schema": {"allOf": [{"format": "ogc-bbox"}]}},
            "zones": {"schema": {"type": "object"}},
            "when": {"schema": {"oneOf": [{"type": "string"}, {"type": "array"}]}},
            "file": {"schema": {"type": "string", "contentMediaType": "image/tiff"}},
            "empty": {"schema": {"type": "string"}},
            "weights": {"schema": {"type": "string", "pattern": "^(coverage|area)$"}},
            "shares": {"schema": {"type": "array", "items": {"type": "number"}}},
            "names": {"schema": {"type": "array", "items": {"type": "string"}}},
            "polygons": {"schema": {"type": "object", "contentMediaType": "application/geo+json"}},
        }
    }
    filled = {
        "n": "3",
        "kind": "2",
        "yes": "true",
        "area": "1,2,3,4",
        "zones": '{"type": "FeatureCollection"}',
        "when": "2006-05",
        "file": "https://example.org/a.tif",
        "empty": " ",
        "stranger": "x",
        "weights": "area",
        "shares": "0.5, 0.95",
        "names": '["a, b"]',
        "polygons": "https://example.org/zones",
    }
    assert inputs(described, filled) == {
        "n": 3,
        "kind": 2,
        "yes": True,
        "area": {"bbox": [1, 2, 3, 4]},
        "zones": {"type": "FeatureCollection"},
        "when": "2006-05",
        "file": {"href": "https://example.org/a.tif"},
        "weights": "area",
        "shares": [0.5, 0.95],
        "names": ["a, b"],
        "polygons": {"href": "https://example.org/zones"},
    }
    assert [f.widget for f in fields(described)][:5] == ["number", "choice", "truth", "box", "json"]
    assert next(f.options for f in fields(described) if f.name == "weights") == ("coverage", "area")


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "nan"])
def test_malformed_json_in_a_form_is_refused(text: str) -> None:
    described = {"inputs": {"zones": {"schema": {"type": "object"}}}}
    if text == "nan":
        described["inputs"]["zones"]["schema"]["type"] = "number"
    with pytest.raises(InvalidParameter, match="zones"):
        inputs(described, {"zones": text})


def test_the_example_of_a_process_sends_every_required_input() -> None:
    example = execution_example(dict(DESCRIPTION), "http://localhost:8080")
    assert '-d \'{"inputs": {"stringInput": "…"}}\'' in example
    assert example.endswith("http://localhost:8080/processes/echo/execution")


@pytest.mark.parametrize(
    ("media_type", "body", "shown"),
    [
        ("text/csv", b"zone,mean\nA,1.5\n", Result(columns=("zone", "mean"), rows=(("A", "1.5"),))),
        (
            "application/geo+json",
            b'{"type":"FeatureCollection","features":[{"properties":{"n":1,"m":null}}]}',
            Result(columns=("n", "m"), rows=(("1", "–"),)),
        ),
        ("application/json", b'{"a": 1}', Result(values={"a": 1})),
        ("application/json", b'{"zones": [{"n": 0.1234567}]}', Result(columns=("n",), rows=(("0.123457",),))),
        ("text/plain", b"hello", Result(text="hello")),
        ("image/png", b"\x89PNG", Result(is_picture=True)),
        ("application/netcdf", b"CDF", None),
        ("application/json", b"\xff", None),
        ("application/json", b"[" * 100_000, None),
    ],
)
def test_a_result_is_shown_as_what_it_is(media_type: str, body: bytes, shown: Result | None) -> None:
    assert result_view(media_type, body) == shown


def test_a_long_table_is_cut_and_counted() -> None:
    rows = b"".join(b"%d\n" % n for n in range(MAX_ROWS + 7))
    found = result_view("text/csv", b"n\n" + rows)
    assert found is not None
    assert (len(found.rows), found.more) == (MAX_ROWS, 7)


def test_a_description_is_escaped_once(client: TestClient) -> None:
    document = client.get("/processes/zonal-statistics").json()
    assert "EPSG:<code>" in document["inputs"]["crs"]["description"]
    assert "EPSG:&lt;code&gt;" in client.get("/processes/zonal-statistics?f=html").text
