"""Every link that a document gives can be followed, and answers in the type it declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.testclient import TestClient
    from httpx import Response


BASE = "http://localhost:8080"
EXECUTE = "http://www.opengis.net/def/rel/ogc/1.0/execute"
EDR_QUERY = re.compile(r"/edr/collections/[^/]+/(position|radius|area|cube|trajectory|corridor)$")
"""Links to queries (OGC 19-086r6, 8.2.1), which need the place that is asked about."""
DEPTH = 3


def links_of(document: Any) -> Iterator[dict[str, Any]]:
    """The links of a document and of everything inside it."""
    if isinstance(document, dict):
        yield from (link for link in document.get("links", []) if isinstance(link, dict) and "href" in link)
        for name, member in document.items():
            if name != "links":
                yield from links_of(member)
    elif isinstance(document, list):
        for member in document:
            yield from links_of(member)


def follow(client: TestClient, link: dict[str, Any]) -> Response:
    """The answer to a link, of a tile at the north-west corner if it is a template."""
    href = re.sub(r"{(z|tileMatrix)}", "1", link["href"])  # not all sets of matrices have one named 0
    href = re.sub(r"{(x|y|tileRow|tileCol)}", "0", href)
    assert "{" not in href, link
    assert ("{" in link["href"]) == bool(link.get("templated")), link
    return client.get(href, headers={"Accept": link["type"]})


def media_type(text: str) -> str:
    """A media type without its charset and without blanks."""
    return re.sub(r";charset=[\w-]+", "", text.replace(" ", ""))


def declared(link: dict[str, Any]) -> str:
    """The media type of a link; one of many profiles is answered with the profile that the link names."""
    profiles = link.get("profile", []) if link["type"] == "application/ld+json" else []
    return "".join([link["type"], *(f';profile="{uri}"' for uri in profiles)])


OTHER_SETS = re.compile(r"/map/tiles/(?!WebMercatorQuad|EPSG3413Quad)|tileMatrixSets/[A-Z](?!ebMercatorQuad)")
"""Sets of tile matrices whose links are like those of the others."""

STARTS = (
    "/",
    "/collections/sst",
    "/collections/records",
    "/collections/records/items?limit=1&facets=type",
    "/collections/records/items/sst",
    "/processes/echo",
    "/stac",
    "/stac/search?limit=1",
)


@pytest.mark.parametrize("start", STARTS)
def test_every_link_resolves_in_its_declared_type(sst_client: TestClient, start: str) -> None:
    documents, seen = [sst_client.get(start).json()], set[tuple[str, str]]()
    for _ in range(DEPTH):
        found = [link for document in documents for link in links_of(document)]
        documents = []
        for link in found:
            key = (link["href"], link.get("type", ""))
            if (
                not link["href"].startswith(BASE)
                or key in seen
                or link.get("method") == "POST"
                or OTHER_SETS.search(link["href"])
            ):
                continue
            seen.add(key)
            if link["rel"] == EXECUTE:  # to POST to, with a Dask cluster: tested with the processes
                assert sst_client.get(link["href"]).headers["allow"] == "POST"
                continue
            answer = follow(sst_client, link)
            if EDR_QUERY.search(link["href"]):
                assert (answer.status_code, "required" in answer.text) == (400, True), link
                continue
            assert answer.status_code == 200, (link, answer.text[:300])
            assert media_type(answer.headers["content-type"]) == media_type(declared(link)), link
            if "json" in link["type"]:
                documents.append(answer.json())
    assert len(seen) >= 3
