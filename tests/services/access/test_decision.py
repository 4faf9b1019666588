"""What a principal may do with a dataset: by policy, embargo, settings and token."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from config.settings import Settings
from records.access.tokens import HISTORY, PUBLISH, WRITE, TokenStore
from records.datasets.models import Access, Dataset
from services.access.decision import decide, derived_access
from services.access.members import access_members
from services.access.principal import ANONYMOUS, Principal, principal_of
from services.drawing.freshness import Freshness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from starlette.types import Scope

    from services.access.decision import Action

DAY = date(2030, 1, 2)
SETTINGS = Settings()
SERVING_RESTRICTED = Settings(serve_restricted=True)
PUBLIC, OPENED, REFUSED = (True, True, "public"), (True, False, "restricted"), (False, False, "restricted")


def dataset(access: Access) -> Dataset:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Dataset(
        id="ice",
        version=1,
        title={"en": "Ice"},
        description={},
        access=access,
        bbox=(-180, -90, 180, 90),
        time=None,
        variables=(),
        attribution=None,
        license=None,
        created=moment,
        updated=moment,
    )


@pytest.fixture
def queries(engine: Engine) -> Iterator[list[str]]:
    """The statements that are sent to the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def scope_of(engine: Engine, authorization: bytes | None) -> Scope:
    """The ASGI scope of a request to an application over an engine."""
    catalogue = SimpleNamespace(repository=SimpleNamespace(engine=engine))
    app = SimpleNamespace(state=SimpleNamespace(context=SimpleNamespace(catalogue=catalogue)))
    headers = [(b"host", b"localhost")] + ([(b"authorization", authorization)] if authorization is not None else [])
    return {"type": "http", "headers": headers, "app": app}


@pytest.mark.parametrize(
    ("access", "outcome"),
    [
        (Access(), PUBLIC),
        (Access(policy="login"), REFUSED),
        (Access(policy="apply"), REFUSED),
        (Access(embargo_until=date(2030, 1, 1)), PUBLIC),
        (Access(embargo_until=DAY), PUBLIC),
        (Access(embargo_until=date(2030, 1, 3)), REFUSED),
        (Access(policy="login", embargo_until=date(2030, 1, 1)), REFUSED),
    ],
)
def test_data_is_read_by_policy_and_embargo(access: Access, outcome: tuple[bool, bool, str]) -> None:
    decision = decide(ANONYMOUS, dataset(access), "read", SETTINGS, today=DAY)
    assert (decision.allowed, decision.cacheable, decision.audience) == outcome
    assert (decision.reason is None) is decision.allowed
    opened = decide(ANONYMOUS, dataset(access), "read", SERVING_RESTRICTED, today=DAY)
    assert (opened.allowed, opened.cacheable, opened.audience) == (PUBLIC if outcome == PUBLIC else OPENED)


def test_metadata_is_public_whatever_the_policy() -> None:
    decision = decide(ANONYMOUS, dataset(Access(policy="apply")), "describe", SETTINGS)
    assert (decision.allowed, decision.cacheable, decision.audience) == PUBLIC


def test_a_record_without_data_has_nothing_to_read() -> None:
    assert not decide(ANONYMOUS, None, "read", SERVING_RESTRICTED).allowed
    assert decide(ANONYMOUS, None, "describe", SETTINGS).allowed


def test_a_running_embargo_is_the_reason_before_the_policy() -> None:
    ice = dataset(Access(policy="apply", embargo_until=date(2030, 1, 3)))
    decision = decide(ANONYMOUS, ice, "read", SETTINGS, today=DAY)
    assert access_members(ice, decision) == {
        "policy": "apply",
        "served": False,
        "embargoUntil": "2030-01-03",
        "reason": "the data is under embargo until 2030-01-03",
    }


@pytest.mark.parametrize(("scope", "action"), [(WRITE, "write"), (HISTORY, "list_versions"), (PUBLISH, "publish")])
def test_a_token_allows_what_its_scope_names(engine: Engine, scope: str, action: Action) -> None:
    _, secret = TokenStore(engine).create("holder", [scope])
    principal = Principal(authorization=f"Bearer {secret}", tokens=TokenStore(engine))
    allowed = [a for a in ("write", "list_versions", "publish") if decide(principal, None, a, SETTINGS).allowed]
    assert allowed == [action]
    TokenStore(engine).revoke("holder")
    again = Principal(authorization=f"Bearer {secret}", tokens=TokenStore(engine))
    assert not decide(again, None, action, SETTINGS).allowed


def test_a_token_does_not_open_data(engine: Engine) -> None:
    _, secret = TokenStore(engine).create("writer", [WRITE])
    principal = Principal(authorization=f"Bearer {secret}", tokens=TokenStore(engine))
    assert not decide(principal, dataset(Access(policy="login")), "read", SETTINGS).allowed


def test_a_request_has_one_principal_and_its_token_is_looked_up_once(engine: Engine, queries: list[str]) -> None:
    _, secret = TokenStore(engine).create("writer", [WRITE])
    request = scope_of(engine, f"Bearer {secret}".encode())
    queries.clear()
    principal = principal_of(request)
    assert decide(principal, dataset(Access()), "read", SETTINGS).allowed
    assert queries == []
    assert decide(principal_of(request), None, "write", SETTINGS).allowed
    number = len(queries)
    assert number
    assert decide(principal_of(request), None, "write", SETTINGS).allowed
    assert len(queries) == number


@pytest.mark.parametrize("header", [None, b"", b" "])
def test_a_request_without_credentials_is_anonymous_and_asks_no_database(
    engine: Engine, queries: list[str], header: bytes | None
) -> None:
    principal = principal_of(scope_of(engine, header))
    assert principal.is_anonymous
    assert not decide(principal, None, "write", SETTINGS).allowed
    assert queries == []


def test_credentials_are_not_shown() -> None:
    assert "secret" not in repr(Principal(authorization="Bearer secret"))


def test_the_entity_tag_of_an_image_depends_on_its_audience() -> None:
    image = Freshness(
        dataset=dataset(Access()), checksums=("a",), query="", media_type="image/png", time=None, may_advance=True
    )
    assert image.tag("/xyz", "public") == image.tag("/xyz", "public") != image.tag("/xyz", "restricted")


def test_what_is_computed_is_as_restricted_as_the_most_restricted_of_its_inputs() -> None:
    closed, late = dataset(Access(policy="login")), dataset(Access(policy="apply", embargo_until=date(2031, 1, 1)))
    early = dataset(Access(embargo_until=date(2030, 1, 1)))
    assert derived_access([]) == Access()
    assert derived_access([dataset(Access()), closed]) == Access(policy="login")
    assert derived_access([closed, early, late]) == Access(policy="apply", embargo_until=date(2031, 1, 1))
