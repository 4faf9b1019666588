"""The echo process: it answers what it is given, after a pause if asked.

Its shape follows what the official test suite of OGC API Processes looks for: the first input is a bare string with
an output of the same id; an array, a binary, a bounding box and a `oneOf` input each switch a test on; the integer
output lets a result match exactly one branch of the suite's schema.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

MAX_PAUSE_S = 3600

_STEP_S = 0.1

_CHINESE: dict[str, tuple[str, str]] = {
    "": ("回声", "原样返回所给内容，可先等待一段时间：用来试验客户端的处理。"),
    "inputs/stringInput": ("文本", "要返回的文本。"),
    "inputs/arrayInput": ("整数列表", "接收并检查。"),
    "inputs/imageInput": ("图像", "TIFF 图像，以 base64 内嵌或以引用给出；引用不会被读取。"),
    "inputs/bboxInput": ("边界框", "接收并检查。"),
    "inputs/mixedInput": ("数值或真值", "作为 mixedOutput 返回；缺省为 false。"),
    "inputs/pause": ("等待", "返回之前等待的秒数。"),
    "outputs/stringInput": ("文本", "所给的文本。"),
    "outputs/length": ("长度", "文本的字符数。"),
    "outputs/mixedOutput": ("数值或真值", "所给的 mixedInput。"),
}


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A wait of some seconds."""

    seconds: float
    cells: int = 1


@dataclass(frozen=True, kw_only=True)
class EchoPlan:
    """The one part of an execution."""

    parts: tuple[Pause, ...]


class Echo:
    """Answers `stringInput`, its length, and `mixedInput`."""

    description: ClassVar[Mapping[str, Any]] = {
        "id": "echo",
        "version": "1.0.0",
        "title": "Echo",
        "description": "Answers what it is given, after a pause if asked: a process to try clients with.",
        "keywords": ["echo", "test"],
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "outputTransmission": ["value", "reference"],
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

    chinese: ClassVar[Mapping[str, tuple[str, str]]] = _CHINESE

    def require(self, request: ExecuteRequest, context: Context) -> None:
        """Nothing that the description does not say."""

    def plan(self, request: ExecuteRequest, environment: Environment) -> EchoPlan:
        """One part, which waits."""
        del environment
        return EchoPlan(parts=(Pause(seconds=float(request.inputs.get("pause", 0))),))

    def part(self, part: Pause, environment: Environment) -> None:
        """Wait, reporting progress."""
        begin = time.monotonic()
        while (passed := time.monotonic() - begin) < part.seconds:
            environment.report(100 * passed / part.seconds, f"Waiting, {part.seconds - passed:.0f} s left")
            time.sleep(min(_STEP_S, part.seconds - passed))

    def combine(
        self, request: ExecuteRequest, plan: EchoPlan, results: Sequence[None], environment: Environment
    ) -> Mapping[str, Any]:
        """Answer the inputs."""
        del plan, results, environment
        text = request.inputs["stringInput"]
        return {"stringInput": text, "length": len(text), "mixedOutput": request.inputs.get("mixedInput", False)}
