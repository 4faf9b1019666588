"""Executes one process and ends, in a child that `services.compute.children.template` forks.

Standard input carries a header line (JSON), the execute request, and the results of parts that are to be combined.
Standard output carries lines of JSON: progress, then an error, the parts of a split, or the announcement of a result,
whose bytes follow. What the process prints goes to standard error.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from config.errors import GraticuleError, TooLarge
from config.vocabulary import JSON
from services.compute.environment import Site, SiteEnvironment
from services.processes import outputs, registry
from services.processes.execute_request import ExecuteRequest
from services.processes.protocol import Split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.processes.protocol import SplitProcess

log = logging.getLogger(__name__)


def main() -> None:
    """Execute what standard input asks for."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    header = json.loads(sys.stdin.buffer.readline())
    _bound_memory(header["memory_bytes"])
    request = ExecuteRequest.decode(sys.stdin.buffer.read(header["request"]))
    results = None if header["results"] is None else [sys.stdin.buffer.read(size) for size in header["results"]]
    try:
        answer = _execute(header, request, results, answers)
        if isinstance(answer, Split):
            _send(answers, {"parts": answer.parts})
            return
        result, media_type = answer
        if len(result) > header["result_bytes"]:
            raise TooLarge(f"the result has {len(result)} bytes, the limit is {header['result_bytes']}; ask for less")  # noqa: TRY301 - answered as the process's own errors are
    except Exception as error:  # noqa: BLE001 - the edge of a process: whatever it raises is its answer
        _send(answers, {"error": _error(error)})
    else:
        _send(answers, {"media_type": media_type, "bytes": len(result)}, result)


def _bound_memory(limit: int | None) -> None:
    if limit:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _execute(
    header: Mapping[str, Any], request: ExecuteRequest, results: list[bytes] | None, answers: BinaryIO
) -> tuple[bytes, str] | Split:
    def report(percent: float, message: str = "", /) -> None:
        _send(answers, {"progress": percent, "message": message[:200]})

    site = Site.decode(header["site"]) if header["site"] else None
    environment = SiteEnvironment(site, report)
    process = registry.process(header["process_id"])
    if header["part"] is not None:
        return cast("SplitProcess", process).execute_part(request, header["part"], environment), JSON
    if results is not None:
        found = cast("SplitProcess", process).combine(request, results, environment)
    else:
        made = process.execute(request, environment)
        if isinstance(made, Split):
            return made
        found = made
    return outputs.encode(found, request, process.description["outputs"])


def _send(answers: BinaryIO, frame: Mapping[str, Any], body: bytes = b"") -> None:
    answers.write(json.dumps(frame).encode() + b"\n" + body)
    answers.flush()


def _error(error: Exception) -> dict[str, Any]:
    if isinstance(error, GraticuleError):
        return {"kind": error.kind, "class": type(error).__name__, "detail": error.detail}
    if isinstance(error, MemoryError):
        return {"kind": "too-large", "class": "TooLarge", "detail": "the process ran out of memory; ask for less"}
    log.error("the process failed", exc_info=error)
    detail = "the process failed; the operator finds the cause in the server's log"
    return {"kind": "error", "class": "GraticuleError", "detail": detail}
