"""The one place that decides whether a request may see a collection, read its data, and write."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from config.errors import AccessRestricted, Forbidden, Unauthenticated
from records.access.tokens import SCOPES, TokenStore

if TYPE_CHECKING:
    from starlette.requests import Request

    from config.settings import Settings
    from records.access.tokens import Token
    from records.datasets.models import Dataset
    from services.web.context import Context

_HOW = {"login": "is served to signed-in users only", "apply": "is served on application only"}


def catalogued(context: Context, collection_id: str) -> Dataset:
    """The collection, for its metadata, which is public; raises CollectionNotFound."""
    return context.catalogue.dataset(collection_id)


def readable(context: Context, collection_id: str) -> Dataset:
    """The collection, for its data; raises CollectionNotFound, or AccessRestricted with the reason."""
    dataset = catalogued(context, collection_id)
    reason = restriction(dataset)
    if reason and not context.settings.serve_restricted:
        raise AccessRestricted(f"collection {collection_id} is catalogued, but its data {reason}")
    return dataset


def is_open(settings: Settings, dataset: Dataset) -> bool:
    """Whether the data of a dataset is served to everybody."""
    return settings.serve_restricted or restriction(dataset) is None


def restriction(dataset: Dataset) -> str | None:
    """Why the data of a dataset is not open today (UTC), or None if it is."""
    embargo = dataset.access.embargo_until
    if embargo is not None and datetime.now(UTC).date() < embargo:
        return f"is under embargo until {embargo.isoformat()}"
    return _HOW.get(dataset.access.policy)


def authorised(context: Context, request: Request, scope: str) -> Token:
    """The token that a request is sent with, if it is valid and has a scope.

    Only the header `Authorization: Bearer` counts (RFC 6750, 2.1): a token in a query string would end in logs, and one
    in a cookie would be sent by any page. Raises Unauthenticated or Forbidden.
    """
    tokens = TokenStore(context.catalogue.repository.engine)
    scheme, _, text = request.headers.get("authorization", "").strip().partition(" ")
    token = tokens.known(text.strip()) if scheme.lower() == "bearer" else None
    if token is None and not tokens.any_valid():
        raise Forbidden(
            f"nobody may {SCOPES[scope]} here, for there is no token; the operator makes one with "
            f"`graticule tokens create NAME --scope {scope}`"
        )
    if token is None:
        given = "the token is not known" if scheme else "a token is needed"
        told = ', error="invalid_token", error_description="the token is not known"' if scheme else ""
        raise Unauthenticated(f"{given}; send Authorization: Bearer TOKEN", challenge=f'{told}, scope="{scope}"')
    if token.fault is not None:
        told = f', error="invalid_token", error_description="the token {token.fault}"'
        raise Unauthenticated(f"the token {token.name} {token.fault}; ask the operator for another", challenge=told)
    if scope not in token.scopes:
        remedy = f"`graticule tokens create NAME --scope {scope}` makes one that has"
        raise Forbidden(f"the token {token.name} may not {SCOPES[scope]}: it has not the scope {scope}; {remedy}")
    return token
