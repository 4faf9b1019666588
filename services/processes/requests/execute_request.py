"""A checked execute request, and the form in which the jobs table keeps it. Light to import: every execution does."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from records.jobs.callbacks import Event

Response = Literal["raw", "document", "multipart"]
RESPONSES: tuple[Response, ...] = ("raw", "document", "multipart")


@dataclass(frozen=True, kw_only=True)
class ExecuteRequest:
    """A checked request.

    Attributes:
        inputs: Values by id, qualified ones unwrapped; an input that occurs more than once is a list.
        outputs: Ids of the outputs to answer, in the description's order.
        response: `raw`: one output alone as its own document, several as an object by id; `multipart`: several as
            multipart/related; `document`: always an object by id.
        formats: Media type of each output that has several forms.
        references: Ids of the outputs that are answered as links (`transmissionMode`).
        subscriber: Addresses that want to hear of the job, by event; the jobs table keeps them by themselves.
    """

    inputs: dict[str, Any]
    outputs: tuple[str, ...]
    response: Response
    formats: dict[str, str] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    subscriber: dict[Event, str] = field(default_factory=dict)

    @property
    def publishes(self) -> bool:
        """Whether the results become a collection."""
        return bool(self.inputs.get("publish"))

    def encode(self) -> bytes:
        """The request as the jobs table keeps it: ASCII JSON, which carries any string."""
        members = asdict(self)
        del members["subscriber"]
        return json.dumps(members).encode()

    @classmethod
    def decode(cls, data: bytes) -> ExecuteRequest:
        """The inverse of `encode`; a request that an earlier version kept has fewer members."""
        document = json.loads(data)
        return cls(
            inputs=document["inputs"],
            outputs=tuple(document["outputs"]),
            response=document["response"],
            formats=document.get("formats", {}),
            references=tuple(document.get("references", ())),
        )
