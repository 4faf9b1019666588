"""The echo process: it answers what it is given, after a pause if asked.

Its shape follows what the official test suite of OGC API Processes looks for: the first input is a bare string with
an output of the same id; an array, a binary, a bounding box and a `oneOf` input each switch a test on; the integer
output lets a result match exactly one branch of the suite's schema.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.processes.execute_request import ExecuteRequest
    from services.processes.protocol import Environment, Report
    from services.web.context import Context

MAX_PAUSE_S = 3600

_STEP_S = 0.1


class Echo:
    """Answers `stringInput`, its length, and `mixedInput`."""

    description: ClassVar[Mapping[str, Any]] = {
        "id": "echo",
        "version": "1.0.0",
        "title": "Echo",
        "description": "Answers what it is given, after a pause if asked: a process to try clients with.",
        "keywords": ["echo", "test"],
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "outputTransmission": ["value"],
        "inputs": {
            "stringInput": {
                "title": "Text",
                "description": "The text to answer.",
                "schema": {"type": "string"},
                "minOccurs": 1,
                "maxOccurs": 1,
            },
            "arrayInput": {
                "title": "Integers",
                "description": "Accepted and checked.",
                "schema": {"type": "array", "items": {"type": "integer"}},
                "minOccurs": 0,
                "maxOccurs": 1,
            },
            "imageInput": {
                "title": "Image",
                "description": "A TIFF, as base64 or by reference; a reference is not fetched.",
                "schema": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/tiff"},
                "minOccurs": 0,
                "maxOccurs": 1,
            },
            "bboxInput": {
                "title": "Bounding box",
                "description": "Accepted and checked.",
                "schema": {"allOf": [{"format": "ogc-bbox"}]},
                "minOccurs": 0,
                "maxOccurs": 1,
            },
            "mixedInput": {
                "title": "Number or truth value",
                "description": "Answered as mixedOutput; false if absent.",
                "schema": {"oneOf": [{"type": "number"}, {"type": "boolean"}]},
                "minOccurs": 0,
                "maxOccurs": 1,
            },
            "pause": {
                "title": "Pause",
                "description": "Seconds to wait before answering.",
                "schema": {"type": "number", "minimum": 0, "maximum": MAX_PAUSE_S},
                "minOccurs": 0,
                "maxOccurs": 1,
            },
        },
        "outputs": {
            "stringInput": {
                "title": "Text",
                "description": "The text that was given.",
                "schema": {"type": "string"},
            },
            "length": {
                "title": "Length",
                "description": "Characters of the text.",
                "schema": {"type": "integer"},
            },
            "mixedOutput": {
                "title": "Number or truth value",
                "description": "The mixedInput that was given.",
                "schema": {"oneOf": [{"type": "number"}, {"type": "boolean"}]},
            },
        },
    }

    def require(self, inputs: Mapping[str, Any], context: Context) -> None:
        """Nothing that the description does not say."""

    def execute(self, request: ExecuteRequest, environment: Environment) -> Mapping[str, Any]:
        """Wait for `pause` seconds, reporting progress, and answer."""
        inputs = request.inputs
        _wait(float(inputs.get("pause", 0)), environment.report)
        text = inputs["stringInput"]
        return {"stringInput": text, "length": len(text), "mixedOutput": inputs.get("mixedInput", False)}


def _wait(seconds: float, report: Report) -> None:
    begin = time.monotonic()
    while (passed := time.monotonic() - begin) < seconds:
        report(100 * passed / seconds, f"Waiting, {seconds - passed:.0f} s left")
        time.sleep(min(_STEP_S, seconds - passed))
