"""Clauses, the site that they are asked of, and mutations of its answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapi.testclient import TestClient
    from httpx import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BASE: Final = "http://localhost:8080"
DROP: Final = object()
"""In place of a member's value: the member is taken out."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer of the service on its way to the client."""

    status: int
    headers: dict[str, str]
    body: bytes


type Change = Callable[[Answer], Answer]


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A fault that a service might have.

    Attributes:
        name: What it does to answers.
        change: Does it; answers that it does not concern are left as they are.
    """

    name: str
    change: Change


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A requirement of a standard with the check that it is met.

    Attributes:
        standard: The standard and its document.
        requirement: Identifier of the requirement or of its test.
        says: What it says.
        check: Raises AssertionError if a site does not meet it.
        mutations: Faults that it has to notice, at least one.
        declared: A conformance class; the clause applies only where it is declared.
    """

    standard: str
    requirement: str
    says: str
    check: Callable[[Site], None]
    mutations: Sequence[Mutation]
    declared: str | None = None

    @property
    def name(self) -> str:
        """Its name among all clauses."""
        return f"{self.standard.split(' (')[0]} {self.requirement}"


CLAUSES: Final[list[Clause]] = []


def clause(
    standard: str, requirement: str, *mutations: Mutation, declared: str | None = None
) -> Callable[[Callable[[Site], None]], Callable[[Site], None]]:
    """Register a check, whose docstring says what the requirement says."""

    def register(check: Callable[[Site], None]) -> Callable[[Site], None]:
        assert mutations, f"{requirement}: name a fault that the clause notices"
        CLAUSES.append(
            Clause(
                standard=standard,
                requirement=requirement,
                says=(check.__doc__ or "").strip().rstrip("."),
                check=check,
                mutations=mutations,
                declared=declared,
            )
        )
        return check

    return register


@dataclass
class Site:
    """A service as a client sees it.

    Attributes:
        client: Sends requests.
    """

    client: TestClient
    _conforms: set[str] = field(default_factory=set)

    def get(self, path: str, *, accept: str | None = None, status: int = 200) -> Response:
        """The answer to GET, of that status."""
        headers = {} if accept is None else {"Accept": accept}
        answer = self.client.get(path.removeprefix(BASE), headers=headers)
        assert answer.status_code == status, f"{path}: {answer.status_code}, not {status}: {answer.text[:200]}"
        return answer

    def json(self, path: str, *, media_type: str = "application/json", accept: str | None = None) -> Any:
        """A JSON document of a media type."""
        answer = self.get(path, accept=accept)
        found = answer.headers["content-type"].split(";")[0]
        assert found == media_type, f"{path}: {found}, not {media_type}"
        return answer.json()

    def xml(self, path: str, *, status: int = 200) -> Any:
        """The root element of an XML document."""
        answer = self.get(path, status=status)
        assert "xml" in answer.headers["content-type"], answer.headers["content-type"]
        return etree.fromstring(answer.content)

    @property
    def conformance(self) -> set[str]:
        """The classes that the service declares."""
        return set(self.json("/conformance")["conformsTo"])


def rels(document: Any) -> set[str]:
    """The relations of a document's links, each of which has an address."""
    links = document["links"]
    assert all(link.get("href") for link in links), "a link without href"
    return {link["rel"] for link in links}


def href(document: Any, rel: str, media_type: str | None = None) -> str:
    """The address of a link of a relation, and of a media type if one is named."""
    found = [
        link["href"]
        for link in document["links"]
        if link["rel"] == rel and (media_type is None or link.get("type", "").replace(" ", "") == media_type)
    ]
    assert found, f"no link {rel} {media_type or ''}"
    return str(found[0])


def status(code: int, *, of: int | None = None) -> Mutation:
    """Every answer, or every answer of a status, has another status."""

    def change(answer: Answer) -> Answer:
        if of is not None and answer.status != of:
            return answer
        return Answer(status=code, headers=answer.headers, body=answer.body)

    return Mutation(name=f"status {of or 'any'} becomes {code}", change=change)


def header(name: str, value: str | None) -> Mutation:
    """A header of another value, or none."""

    def change(answer: Answer) -> Answer:
        rest = {key: text for key, text in answer.headers.items() if key != name.lower()}
        new = rest if value is None else rest | {name.lower(): value}
        return Answer(status=answer.status, headers=new, body=answer.body)

    return Mutation(name=f"{name}: {value or '(absent)'}", change=change)


def text(old: str, new: str) -> Mutation:
    """A text in the body becomes another."""

    def change(answer: Answer) -> Answer:
        return Answer(
            status=answer.status, headers=answer.headers, body=answer.body.replace(old.encode(), new.encode())
        )

    return Mutation(name=f"{old!r} becomes {new!r}", change=change)


def body(content: bytes, name: str) -> Mutation:
    """Another body."""
    return Mutation(name=name, change=lambda answer: Answer(status=answer.status, headers=answer.headers, body=content))


def member(path: str, value: Any) -> Mutation:
    """A member of JSON documents, by a path such as `links.*.href`, gets a value or is dropped; `*` is any index."""

    def change(answer: Answer) -> Answer:
        try:
            document = json.loads(answer.body)
        except ValueError:
            return answer
        _set(document, path.split("."), value)
        return Answer(status=answer.status, headers=answer.headers, body=json.dumps(document).encode())

    return Mutation(name=f"{path} {'dropped' if value is DROP else f'becomes {value!r}'}", change=change)


def without_link(rel: str) -> Mutation:
    """Links of a relation, and of none that ends like it, are left out, wherever they stand."""

    def prune(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: prune(item) for key, item in node.items()}
        if isinstance(node, list):
            return [prune(item) for item in node if not (isinstance(item, dict) and item.get("rel") == rel)]
        return node

    def change(answer: Answer) -> Answer:
        try:
            document = json.loads(answer.body)
        except ValueError:
            return answer
        return Answer(status=answer.status, headers=answer.headers, body=json.dumps(prune(document)).encode())

    return Mutation(name=f"no link {rel.rsplit('/', 1)[-1]}", change=change)


def _set(node: Any, path: Sequence[str], value: Any) -> None:
    first, *rest = path
    if first == "*":
        items = node if isinstance(node, list) else list(node.values()) if isinstance(node, dict) else []
        for item in items:
            if rest:
                _set(item, rest, value)
        return
    if not isinstance(node, dict) or first not in node:
        return
    if rest:
        _set(node[first], rest, value)
    elif value is DROP:
        del node[first]
    else:
        node[first] = value


class Mutated:
    """A service whose answers are changed: an ASGI application around it.

    Args:
        app: The service.
        mutation: The change.
    """

    def __init__(self, app: ASGIApp, mutation: Mutation) -> None:
        self.app = app
        self._mutation = mutation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        pieces: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            pieces.append(message.get("body", b""))
            if message.get("more_body"):
                return
            headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
            answer = self._mutation.change(Answer(status=start["status"], headers=headers, body=b"".join(pieces)))
            headers = answer.headers | {"content-length": str(len(answer.body))}
            raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": answer.status, "headers": raw})
            await send({"type": "http.response.body", "body": answer.body})

        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, keep)  # texts are changed, which compression hides
