"""`graticule tokens`: make, list and revoke the tokens that clients write with."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from config import settings as configuration
from config.errors import InvalidParameter
from records.access.tokens import SCOPES, WRITE, Token, TokenStore
from records.database.engine import make_engine
from services.cli.output import Json, print_objects
from services.cli.spans import parse_span
from services.serving.database import database

app = typer.Typer(
    help="Make, list and revoke the tokens that clients write with.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@contextmanager
def _store(*, create: bool = False) -> Iterator[TokenStore]:
    settings = configuration.load()
    with database(settings, create=create) as url:
        engine = make_engine(url, settings.database)
        try:
            yield TokenStore(engine)
        finally:
            engine.dispose()


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Of whoever writes with it; stands in the history of records.")],
    *,
    scope: Annotated[
        list[str] | None, typer.Option(help=f"What it allows: {' or '.join(SCOPES)}; may be repeated. Else {WRITE}.")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(help="When it ends: 90d, 12h, 4w, or a date or time (UTC). Absent: never.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it, this once: afterwards only a hash of it is known."""
    until = parse_expiry(expires) if expires is not None else None
    with _store(create=True) as store:
        token, text = store.create(name, scope or [WRITE], expires=until)
    if as_json:
        print_objects([{"token": text, **token_document(token)}])
        return
    sys.stdout.write(f"{text}\n")
    sys.stderr.write(
        f"graticule: this is the token of {name}, which is shown this once; "
        "clients send it as `Authorization: Bearer TOKEN`\n"
    )


@app.command("list")
def list_tokens(*, as_json: Json = False) -> None:
    """List every token: name, state, scopes, when it was made, ends and was last used (to the minute)."""
    with _store() as store:
        tokens = store.list()
    if as_json:
        print_objects(map(token_document, tokens))
        return
    for token in tokens:
        times = (_shown(token.created), _shown(token.expires), _shown(token.last_used))
        sys.stdout.write("\t".join((token.name, state_of(token), " ".join(token.scopes), *times)) + "\n")


@app.command()
def revoke(names: Annotated[list[str], typer.Argument(help="Names of tokens.")]) -> None:
    """End tokens at once and for good."""
    with _store() as store:
        for name in names:
            was_valid = store.revoke(name)
            sys.stdout.write(f"{'revoked' if was_valid else 'was not valid any more'}\t{name}\n")


def parse_expiry(text: str) -> datetime:
    """When a token ends: a time span from now such as 90d, a date (its start, UTC) or a time with its zone."""
    remedy = "write a span such as 90d, 12h or 4w, a date such as 2030-01-31, or a time such as 2030-01-31T12:00:00Z"
    if text[-1:].isalpha() and text[-1:] != "Z":
        return _after(text, remedy)
    try:
        moment = datetime.fromisoformat(text)
        return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidParameter("--expires", text, remedy) from error


def _after(span: str, remedy: str) -> datetime:
    """The moment a span from now; raises InvalidParameter if it is none, or if the calendar ends before."""
    try:
        return datetime.now(UTC) + parse_span("--expires", span)
    except (InvalidParameter, OverflowError) as error:
        raise InvalidParameter("--expires", span, remedy) from error


def state_of(token: Token) -> str:
    """`valid`, `revoked` or `expired`."""
    if token.fault is None:
        return "valid"
    return "revoked" if token.revoked is not None else "expired"


def token_document(token: Token) -> dict[str, Any]:
    """What `--json` shows of a token."""
    return {
        "id": token.id,
        "name": token.name,
        "state": state_of(token),
        "scopes": list(token.scopes),
        "created": token.created.isoformat(),
        "expires": token.expires.isoformat() if token.expires else None,
        "revoked": token.revoked.isoformat() if token.revoked else None,
        "last_used": token.last_used.isoformat() if token.last_used else None,
    }


def _shown(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z") if moment else "-"
