"""The principal of a request: who sends it.

Only the header `Authorization: Bearer` counts (RFC 6750, 2.1): a token in a query string would end up in logs, and one
in a cookie would be sent by any page. Accounts will be recognised here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Request

from records.access.tokens import TokenStore
from services.web.dependencies import inline

if TYPE_CHECKING:
    from starlette.types import Scope

    from records.access.tokens import Token

PRINCIPAL: Final = "graticule.principal"
"""Key of the principal in the scope of its request."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Principal:
    """The sender of one request: anonymous, or the bearer of a token.

    Attributes:
        authorization: The header `Authorization`; empty for an anonymous sender.
        tokens: Where a token is looked up; None if it never is.
    """

    authorization: str = field(default="", repr=False)
    tokens: TokenStore | None = field(default=None, repr=False)

    @property
    def is_anonymous(self) -> bool:
        """Whether the request carries no credentials; whether they are valid is not checked."""
        return not self.authorization

    @cached_property
    def token(self) -> Token | None:
        """The token of the request, valid or not; None if there is none or it is unknown.

        The first access asks the database and records that the token was used. Blocking: not for the event loop.
        """
        scheme, _, text = self.authorization.partition(" ")
        if self.tokens is None or scheme.lower() != "bearer":
            return None
        return self.tokens.known(text.strip())

    def has_scope(self, scope: str) -> bool:
        """Whether the request carries a valid token with a scope. Blocking, like `token`."""
        return self.token is not None and self.token.fault is None and scope in self.token.scopes


ANONYMOUS: Final = Principal()
"""The principal without credentials: also of jobs, which outlive their request, and of an operator's exports."""


def principal_of(scope: Scope) -> Principal:
    """The principal of a request, created at its first use and kept in the ASGI scope. Asks no database."""
    principal: Principal | None = scope.get(PRINCIPAL)
    if principal is None:
        principal = scope[PRINCIPAL] = _principal_from_headers(scope)
    return principal


def get_principal(request: Request) -> Principal:
    """The principal of a request, as a dependency of routes."""
    return principal_of(request.scope)


PrincipalDep = Annotated[Principal, inline(get_principal)]


def _principal_from_headers(scope: Scope) -> Principal:
    header = next((value for name, value in scope["headers"] if name == b"authorization"), b"").strip()
    if not header:
        return ANONYMOUS
    engine = scope["app"].state.context.catalogue.repository.engine
    return Principal(authorization=header.decode("latin-1"), tokens=TokenStore(engine))
