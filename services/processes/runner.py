"""Executes one process and ends: `python -m services.processes.runner`, started by `services.processes.child`.

Standard input carries a header line (JSON) and the execute request. Standard output carries lines of JSON: progress,
then an error or the announcement of a result, whose bytes follow. What the process prints goes to standard error.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from config.errors import GraticuleError, TooLarge
from services.processes import outputs, registry
from services.processes.execute_request import ExecuteRequest
from services.serving.lifeline import die_with

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)


def main() -> None:
    """Execute what standard input asks for."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    header = json.loads(sys.stdin.buffer.readline())
    die_with(header["parent"])
    _bound_memory(header["memory_bytes"])
    request = ExecuteRequest.decode(sys.stdin.buffer.read())
    try:
        result, media_type = _execute(header["process_id"], request, answers)
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


def _execute(process_id: str, request: ExecuteRequest, answers: BinaryIO) -> tuple[bytes, str]:
    process = registry.process(process_id)

    def report(percent: float, message: str = "", /) -> None:
        _send(answers, {"progress": percent, "message": message[:200]})

    return outputs.encode(process.execute(request.inputs, report), request, process.description["outputs"])


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


if __name__ == "__main__":
    main()
