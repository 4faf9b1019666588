"""A checked execute request, and the form in which the jobs table keeps it. Light to import: every execution does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True)
class ExecuteRequest:
    """A checked request.

    Attributes:
        inputs: Values by id, qualified ones unwrapped; an input that occurs more than once is a list.
        outputs: Ids of the outputs to answer, in the description's order.
        response: `raw`: one output alone as its own document; `document`: always an object by id.
    """

    inputs: dict[str, Any]
    outputs: tuple[str, ...]
    response: Literal["raw", "document"]

    def encode(self) -> bytes:
        """The request as the jobs table keeps it: ASCII JSON, which carries any string."""
        return json.dumps({"inputs": self.inputs, "outputs": self.outputs, "response": self.response}).encode()

    @classmethod
    def decode(cls, data: bytes) -> ExecuteRequest:
        """The inverse of `encode`."""
        document = json.loads(data)
        return cls(inputs=document["inputs"], outputs=tuple(document["outputs"]), response=document["response"])
