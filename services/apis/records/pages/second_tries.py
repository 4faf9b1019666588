"""What the page of a search shows when no record has all its words: those with unfinished words, or with any word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from records.search.hints.beginnings import is_beginning
from records.search.hints.spelling import corrected
from records.search.search import search
from records.search.text.wording import MAX_CHARACTERS, any_of
from services.apis.records.pages.search_page import search_page
from services.apis.records.parameters import record_query

if TYPE_CHECKING:
    from records.search.parameters import RecordQuery
    from records.search.text.wording import Synonyms
    from services.access.principal import Principal
    from services.apis.records.pages.search_page import PageRequest
    from services.web.context import Context

_SEVERAL: Final = 2


@dataclass(frozen=True, kw_only=True)
class SecondTry:
    """What is shown instead of nothing.

    Attributes:
        note: Key of the message that says what is shown; empty for nothing.
        spelling: What may have been meant, which finds something; empty for nothing.
        document: The feature collection; None for none.
        languages: Languages of its records.
    """

    note: str = ""
    spelling: str = ""
    document: dict[str, Any] | None = None
    languages: str = ""


def try_again(
    context: Context,
    principal: Principal,
    query: RecordQuery,
    request: PageRequest,
    language: str,
    *,
    synonyms: Synonyms,
) -> SecondTry:
    """Search once more for what was searched for by `words` and not found."""
    searched = request.parameters.get("words", "").strip()
    if not searched or query.cursor is not None:
        return SecondTry()
    begun = _with_beginning(context, query, request, searched, synonyms)
    if begun is not None:
        changed, page = begun
        document, languages = search_page(context, principal, changed, page, language)
        if document["features"]:
            return SecondTry(note="beginnings", document=document, languages=languages)
    spelling = _spelling(context, query, searched, synonyms)
    if len(query.words) < _SEVERAL or query.q is not None:
        return SecondTry(spelling=spelling)
    loose = replace(query, q=any_of(query.words), words=(), begun="", offset=0)
    document, languages = search_page(context, principal, loose, request, language)
    document["links"] = []  # no parameter says what the next page of it would be
    return SecondTry(note="any_word", spelling=spelling, document=document, languages=languages)


def _with_beginning(
    context: Context, query: RecordQuery, request: PageRequest, searched: str, synonyms: Synonyms
) -> tuple[RecordQuery, PageRequest] | None:
    """The search whose last word is only begun, and its parameters; None if that word may not be."""
    last = searched.rsplit(" ", 1)[-1]
    if query.begun or not is_beginning(last) or len(searched) >= MAX_CHARACTERS:
        return None
    parameters = {name: value for name, value in request.parameters.items() if name != "offset"} | {
        "words": f"{searched}*"
    }
    changed = record_query(parameters, most=context.settings.limit.items, synonyms=synonyms)
    return replace(changed, facets=query.facets), replace(request, parameters=parameters)


def _spelling(context: Context, query: RecordQuery, searched: str, synonyms: Synonyms) -> str:
    """What was searched for with its unknown words replaced, if that finds something; else empty."""
    engine = context.catalogue.repository.engine
    plain = searched.removesuffix("*")
    similar = corrected(engine, plain)
    if similar is None or len(similar) > MAX_CHARACTERS:
        return ""
    correction = record_query({"words": similar}, most=1, synonyms=synonyms)
    results = search(engine, replace(query, words=correction.words, begun="", offset=0, limit=1, facets=()))
    return similar if results.records else ""
