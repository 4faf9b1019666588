"""Guards: what routes call to get at a dataset, or past the check of a token, or to be refused with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import AccessRestricted, Forbidden, Unauthenticated
from records.access.tokens import SCOPES, TokenStore
from services.access.decision import SCOPES_OF_ACTIONS, decide
from services.access.members import public_view

if TYPE_CHECKING:
    from records.access.tokens import Token
    from records.datasets.models import Dataset
    from services.access.decision import Action, Decision, RecordAction
    from services.access.principal import Principal
    from services.web.context import Context


def require_describable(context: Context, principal: Principal, collection_id: str) -> Dataset:
    """The dataset of a collection, for its metadata; raises CollectionNotFound.

    Statistics are left out where the principal may not know them (`public_view`).
    """
    dataset, _ = _require(context, principal, collection_id, "describe")
    return public_view(dataset, decide(principal, dataset, "read", context.settings), context.settings)


def require_readable(context: Context, principal: Principal, collection_id: str) -> tuple[Dataset, Decision]:
    """The dataset of a collection, for its data, and the decision that allows reading it.

    Raises CollectionNotFound, or AccessRestricted with the reason.
    """
    return _require(context, principal, collection_id, "read")


def _require(context: Context, principal: Principal, collection_id: str, action: Action) -> tuple[Dataset, Decision]:
    dataset = context.catalogue.dataset(collection_id)
    decision = decide(principal, dataset, action, context.settings)
    if not decision.allowed:
        raise AccessRestricted(f"collection {collection_id} is catalogued, but its data {decision.reason}")
    return dataset, decision


def require_token(context: Context, principal: Principal, action: RecordAction) -> Token:
    """The token that allows an action on records; raises Unauthenticated or Forbidden, with the remedy.

    Blocking: asks the database.
    """
    if decide(principal, None, action, context.settings).allowed and principal.token is not None:
        return principal.token
    raise _refusal(context, principal, SCOPES_OF_ACTIONS[action])


def _refusal(context: Context, principal: Principal, scope: str) -> Forbidden | Unauthenticated:
    """The error for a principal that lacks a scope, with the reason and the remedy (RFC 6750, 3.1)."""
    token, command = principal.token, f"`graticule tokens create NAME --scope {scope}`"
    if token is None and not TokenStore(context.catalogue.repository.engine).any_valid():
        return Forbidden(
            f"nobody may {SCOPES[scope]}: there is no valid token; the operator creates one with {command}"
        )
    if token is None:
        fault = "a token is needed" if principal.is_anonymous else "the token is unknown"
        parameters = "" if principal.is_anonymous else _invalid_token("the token is unknown")
        return Unauthenticated(f"{fault}; send Authorization: Bearer TOKEN", challenge=f'{parameters}, scope="{scope}"')
    if token.fault is not None:
        return Unauthenticated(
            f"the token {token.name} {token.fault}; ask the operator for another",
            challenge=_invalid_token(f"the token {token.fault}"),
        )
    return Forbidden(
        f"the token {token.name} may not {SCOPES[scope]}: it lacks the scope {scope}; {command} makes one that has it"
    )


def _invalid_token(description: str) -> str:
    """Parameters of a challenge (RFC 6750, 3)."""
    return f', error="invalid_token", error_description="{description}"'
