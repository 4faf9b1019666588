"""A visit: one request for what belongs to a collection. Routes below `/collections/{collectionId}` begin with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Request

from services.access.guards import require_describable, require_readable
from services.access.principal import Principal, PrincipalDep
from services.web.context import Context, ContextDep
from services.web.dependencies import inline
from services.web.identifiers import CollectionId

if TYPE_CHECKING:
    from records.datasets.models import Dataset
    from services.access.decision import Decision


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visit:
    """Who asks, with which request, for which collection of which application.

    Nothing is looked up before `describable` or `readable` is called.
    """

    request: Request
    context: Context
    principal: Principal
    collection_id: str

    @property
    def base_url(self) -> str:
        """What the links of the answer begin with."""
        return self.context.settings.base_url

    def describable(self) -> Dataset:
        """The dataset of the collection, for its metadata; raises CollectionNotFound. See `require_describable`."""
        return require_describable(self.context, self.principal, self.collection_id)

    def readable(self) -> tuple[Dataset, Decision]:
        """The dataset of the collection, for its data, and the decision that allows reading it.

        Raises CollectionNotFound, or AccessRestricted with the reason.
        """
        return require_readable(self.context, self.principal, self.collection_id)


def visit(request: Request, context: ContextDep, principal: PrincipalDep, collectionId: CollectionId) -> Visit:
    """The visit that a request for a collection is."""
    return Visit(request=request, context=context, principal=principal, collection_id=collectionId)


VisitDep = Annotated[Visit, inline(visit)]
