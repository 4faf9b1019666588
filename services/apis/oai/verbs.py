"""The answers of the six verbs (OAI-PMH 2.0, 4), each an element of the namespace of the protocol."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from config.errors import RecordNotFound
from records.documents.presentation import rfc3339
from records.exports.making import export_record
from records.exports.xml import XSI, Namespace, sub
from records.search import listing, search
from records.search.listing import Changes
from services.access.decision import decide
from services.apis.oai.arguments import SET_SPEC, OaiFault, VerbRequest, span
from services.apis.oai.formats import FORMATS, MetadataFormat, format_of
from services.apis.oai.tokens import ResumptionToken, decode_token, encode_token, key_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from records.search.search import Found
    from services.access.principal import Principal
    from services.web.context import Context

OAI: Final = Namespace("http://www.openarchives.org/OAI/2.0/")
PAGE: Final = 100
"""Most records of an answer."""
_MAX_SETS: Final = 1000
_IDENTIFIER: Final = Namespace("http://www.openarchives.org/OAI/2.0/oai-identifier")
_DOMAIN = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*(\.[a-zA-Z][a-zA-Z0-9-]*)+")
_NO_ADDRESS: Final = "none@none.invalid"
"""The protocol demands an address; nobody can own a domain of `invalid` (RFC 2606)."""


class Archive:
    """The catalogue as an archive of OAI-PMH.

    Attributes:
        moment: Time of the answer, which includes all changes before it.
    """

    def __init__(self, context: Context, principal: Principal) -> None:
        self._context = context
        self._principal = principal
        self._engine = context.catalogue.repository.engine
        self._host = urlsplit(context.settings.base_url).hostname or "localhost"
        self.moment = datetime.now(UTC)

    def answer(self, parent: Any, request: VerbRequest) -> None:
        """Append the answer of a verb to the document; raises OaiFault."""
        verbs: dict[str, Callable[[Any, VerbRequest], None]] = {
            "Identify": self._identify,
            "ListMetadataFormats": self._formats,
            "ListSets": self._sets,
            "GetRecord": self._record,
            "ListIdentifiers": self._list,
            "ListRecords": self._list,
        }
        verbs[request.verb](parent, request)

    def _identify(self, parent: Any, _request: VerbRequest) -> None:
        server = self._context.settings.server
        answer = sub(parent, OAI("Identify"))
        sub(answer, OAI("repositoryName"), server.title)
        sub(answer, OAI("baseURL"), f"{self._context.settings.base_url}/oai")
        sub(answer, OAI("protocolVersion"), "2.0")
        sub(answer, OAI("adminEmail"), server.contact or _NO_ADDRESS)
        sub(answer, OAI("earliestDatestamp"), rfc3339(listing.earliest_change(self._engine) or self.moment))
        sub(answer, OAI("deletedRecord"), "no")
        sub(answer, OAI("granularity"), "YYYY-MM-DDThh:mm:ssZ")
        if _DOMAIN.fullmatch(self._host):
            self._describe_identifiers(answer)

    def _describe_identifiers(self, answer: Any) -> None:
        description = sub(sub(answer, OAI("description")), _IDENTIFIER("oai-identifier"))
        description.set(f"{{{XSI}}}schemaLocation", f"{_IDENTIFIER.uri} {_IDENTIFIER.uri}.xsd")
        sub(description, _IDENTIFIER("scheme"), "oai")
        sub(description, _IDENTIFIER("repositoryIdentifier"), self._host)
        sub(description, _IDENTIFIER("delimiter"), ":")
        sub(description, _IDENTIFIER("sampleIdentifier"), self._identifier("a-record"))

    def _formats(self, parent: Any, request: VerbRequest) -> None:
        if "identifier" in request.values:
            self._get(request.values["identifier"])
        answer = sub(parent, OAI("ListMetadataFormats"))
        for prefix, format_ in FORMATS.items():
            element = sub(answer, OAI("metadataFormat"))
            sub(element, OAI("metadataPrefix"), prefix)
            sub(element, OAI("schema"), format_.schema)
            sub(element, OAI("metadataNamespace"), format_.namespace)

    def _sets(self, parent: Any, request: VerbRequest) -> None:
        """A set for each type of records whose name is valid as the name of a set."""
        if "resumptionToken" in request.values:
            raise OaiFault("badResumptionToken", "the sets come in one answer")
        names = [name for name in listing.types(self._engine, limit=_MAX_SETS) if SET_SPEC.fullmatch(name)]
        if not names:
            raise OaiFault("noSetHierarchy", "there are no records, and so no sets")
        answer = sub(parent, OAI("ListSets"))
        for name in names:
            element = sub(answer, OAI("set"))
            sub(element, OAI("setSpec"), name)
            sub(element, OAI("setName"), f"Records of type {name}")

    def _record(self, parent: Any, request: VerbRequest) -> None:
        format_ = format_of(request.values["metadataPrefix"])
        record = self._get(request.values["identifier"])
        self._write(sub(parent, OAI("GetRecord")), record, format_)

    def _list(self, parent: Any, request: VerbRequest) -> None:
        key = key_of(self._engine.url)
        token_text = request.values.get("resumptionToken")
        token = decode_token(token_text, key, verb=request.verb) if token_text else None
        prefix = token.prefix if token else request.values["metadataPrefix"]
        format_ = format_of(prefix)
        changes = token.changes if token else _changes(request)
        limit = min(PAGE, self._context.settings.limit.items)
        page = listing.changed(
            self._engine, changes, after=token.place if token else None, limit=limit, count=token is None
        )
        self.moment = min(self.moment, page.horizon)
        cursor, size = (token.cursor, token.size) if token else (0, page.matched or 0)
        if not page.records:  # the last ones of a continued list may have been removed
            raise OaiFault("noRecordsMatch", "no record changed in that time, or belongs to that set")
        answer = sub(parent, OAI(request.verb))
        for record in page.records:
            if request.verb == "ListRecords":
                self._write(answer, record, format_)
            else:
                self._header(answer, record)
        if page.following is not None:
            following = ResumptionToken(
                verb=request.verb,
                prefix=prefix,
                changes=changes,
                place=page.following,
                cursor=cursor + len(page.records),
                size=size,
            )
            _resumption(answer, encode_token(following, key), cursor, size)
        elif token is not None:
            _resumption(answer, "", cursor, size)

    def _get(self, identifier: str) -> Found:
        """The record of an identifier; raises OaiFault."""
        prefix = self._identifier("")
        try:
            return search.get(self._engine, identifier.removeprefix(prefix) if identifier.startswith(prefix) else "")
        except RecordNotFound as error:
            detail = f"there is no record {identifier[:200]}; identifiers begin with {prefix}"
            raise OaiFault("idDoesNotExist", detail) from error

    def _identifier(self, record_id: str) -> str:
        return f"oai:{self._host}:{record_id}"

    def _header(self, parent: Any, record: Found) -> None:
        header = sub(parent, OAI("header"))
        sub(header, OAI("identifier"), self._identifier(record.document["id"]))
        sub(header, OAI("datestamp"), rfc3339(record.updated))
        type_ = record.document["properties"]["type"]
        if SET_SPEC.fullmatch(type_):
            sub(header, OAI("setSpec"), type_)

    def _write(self, parent: Any, stored: Found, format_: MetadataFormat) -> None:
        settings = self._context.settings
        decision = decide(self._principal, stored.dataset, "read", settings)
        link_data = self._context.link_data
        record = export_record(stored, base_url=settings.base_url, readable=decision.allowed, link_data=link_data)
        element = sub(parent, OAI("record"))
        self._header(element, stored)
        sub(element, OAI("metadata")).append(format_.element(record))


def _changes(request: VerbRequest) -> Changes:
    first, after = span(request)
    type_ = request.values.get("set")
    if type_ is not None and not SET_SPEC.fullmatch(type_):
        raise OaiFault("badArgument", f"{type_[:100]} cannot be the name of a set; ListSets names them")
    return Changes(first=first, after=after, type=type_)


def _resumption(answer: Any, token: str, cursor: int, size: int) -> None:
    """The token of the next page; an empty one ends the last page of several."""
    sub(answer, OAI("resumptionToken"), token, completeListSize=str(size), cursor=str(cursor))
