"""Query parameters of every route: unknown ones and repeats are refused with 400 (OGC 17-069r4, 7.15.8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, get_args, get_origin

from cachetools import LRUCache
from fastapi import Query, Request, Response

from config.vocabulary import JSON
from services.web.dependencies import inline
from services.web.negotiation import AskedDep, Language, chosen
from services.web.query_checks import checked_names, require_single

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.dependencies.models import Dependant


def known_parameters(request: Request) -> None:
    """Refuse parameters that the route does not declare, and repeats of one that has a single value.

    For `dependencies=` of a router. Raises InvalidInput.
    """
    parameters = _declared(request.scope["route"].dependant)
    values = checked_names(request.query_params.multi_items(), parameters)
    require_single(values, lists=[name for name, is_list in parameters.items() if is_list])


_known: Final[LRUCache[int, tuple[Dependant, dict[str, bool]]]] = LRUCache(1000)
"""What routes declare, by the id of their dependant, which is kept so that no other has it."""


def _declared(dependant: Dependant) -> dict[str, bool]:
    """Map each query parameter of a route to whether it is a list. For the event loop alone."""
    entry = _known.get(id(dependant))
    if entry is None:
        entry = _known[id(dependant)] = (dependant, dict(declared_parameters(dependant)))
    return entry[1]


KNOWN: Final = inline(known_parameters)


def json_only(
    request: Request,
    _f: Annotated[str | None, Query(alias="f", description="Format: json.", examples=["json"])] = None,
) -> None:
    """Declare `f` for a route that knows JSON alone; raises InvalidParameter."""
    chosen("f", request.query_params.getlist("f"), {"json": "json", JSON: "json"})


def document_language(response: Response, representation: AskedDep) -> Language:
    """Choose the language of a JSON document and name it in the headers; declares `f` and `lang`."""
    response.headers.update(representation.headers)
    return representation.language


LanguageDep = Annotated[Language, inline(document_language)]


def declared_parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """(name, whether it is a list) of every query parameter that a route or dependency declares."""
    for field in dependant.query_params:
        yield field.alias, _is_list(field.field_info.annotation)
    for inner in dependant.dependencies:
        yield from declared_parameters(inner)


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))
