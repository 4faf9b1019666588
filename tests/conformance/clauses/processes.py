"""OGC API Processes, Part 1 (18-062r2), but executions: tests/services/processes has those, with a Dask cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.conformance.framework import DROP, clause, header, member, rels, status, text, without_link

if TYPE_CHECKING:
    from tests.conformance.framework import Site

PROCESSES: Final = "OGC API Processes Part 1 (18-062r2)"
EXCEPTION: Final = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
LINK: Final = "http://www.opengis.net/def/rel/ogc/1.0/processes"
CLOSED: Final = ("const", "$defs", "examples")
"""Members of schemas that the official suite's own schema does not know."""


@clause(PROCESSES, "/req/core/landingpage-success", without_link(LINK))
def landing(site: Site) -> None:
    """The landing page links to the processes."""
    assert LINK in rels(site.json("/"))


@clause(PROCESSES, "/req/core/process-list-success", member("processes", []), status(500), without_link("self"))
def listing(site: Site) -> None:
    """The list of processes has a summary and a link of each."""
    document = site.json("/processes")
    assert "self" in rels(document)
    for process in document["processes"]:
        assert {"id", "version", "jobControlOptions"} <= set(process)
        assert "self" in rels(process)
    assert {"echo", "zonal-statistics"} <= {process["id"] for process in document["processes"]}


@clause(PROCESSES, "/req/core/pl-limit-response", member("processes", [{}, {}]))
def limit(site: Site) -> None:
    """`limit` bounds the list."""
    assert len(site.json("/processes?limit=1")["processes"]) == 1


@clause(
    PROCESSES, "/req/ogc-process-description/json-encoding", member("inputs", DROP), member("outputs", {}), status(404)
)
def description(site: Site) -> None:
    """Each process describes its inputs and outputs, each with a schema."""
    for process in site.json("/processes?limit=100")["processes"]:
        document = site.json(f"/processes/{process['id']}")
        assert document["outputs"]
        for value in [*document["inputs"].values(), *document["outputs"].values()]:
            assert isinstance(value["schema"], dict)


@clause(PROCESSES, "/req/ogc-process-description/input-def", text('"type":"string"', '"type":["string","null"]'))
def closed_schemas(site: Site) -> None:
    """Schemas are those of OpenAPI 3.0: one type, no members that it does not know."""

    def walk(node: object) -> None:
        if isinstance(node, dict):
            assert isinstance(node.get("type", ""), (str, dict)), node
            assert not set(CLOSED) & set(node), node
            for item in node.values():
                walk(item)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    for process in site.json("/processes?limit=100")["processes"]:
        for value in site.json(f"/processes/{process['id']}")["inputs"].values():
            walk(value["schema"])


@clause(
    PROCESSES,
    "/req/core/process-exception/no-such-process",
    status(200, of=404),
    member("type", DROP),
    member("type", "x"),
)
def no_process(site: Site) -> None:
    """An unknown process is 404 with the type of the exception."""
    answer = site.get("/processes/absent", status=404)
    assert answer.headers["content-type"].split(";")[0] in ("application/json", "application/problem+json")
    assert answer.json()["type"] == EXCEPTION + "no-such-process"


@clause(PROCESSES, "/req/core/job-exception-no-such-job", status(200, of=404), member("type", DROP))
def no_job(site: Site) -> None:
    """An unknown job is 404 with the type of the exception, also for its results."""
    for path in ("/jobs/00000000-0000-0000-0000-000000000000", "/jobs/00000000-0000-0000-0000-000000000000/results"):
        assert site.get(path, status=404).json()["type"] == EXCEPTION + "no-such-job"


@clause(
    PROCESSES, "/req/job-list/job-list-success", status(500), member("jobs", DROP), header("content-type", "text/html")
)
def jobs(site: Site) -> None:
    """The list of jobs is there, each schema-valid: no member is null."""
    document = site.json("/jobs")
    assert all(value is not None for job in document["jobs"] for value in job.values())
    assert "self" in rels(document)


@clause(PROCESSES, "/req/core/process-execute-input-validation", status(200, of=400))
def bad_execution(site: Site) -> None:
    """An execute request of wrong inputs is 400."""
    answer = site.client.post("/processes/echo/execution", json={"inputs": {"mystery": 1}})
    assert answer.status_code == 400
