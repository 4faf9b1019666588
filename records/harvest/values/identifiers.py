"""Identifiers of sources: the slug a record is stored under, and the foreign ones it is found by."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from urllib.parse import unquote

from config.vocabulary import COLLECTION_ID, RESERVED_IDS

_SLUG = re.compile(COLLECTION_ID)
_LONGEST = 127
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*|info:doi/)?(10\.[0-9]{4,9}/\S+)", re.IGNORECASE)
_CSTR = re.compile(r"(?:https?://(?:www\.)?cstr\.cn/(?:CSTR:)?|cstr:\s*)?([0-9]{5}\.[0-9]{2}\.\S+)", re.IGNORECASE)
_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE)


def slug(text: str) -> str:
    """A text as the id of a record: lower-case letters, digits and hyphens. A slug stays as it is.

    Of a DOI, a CSTR or a UUID at the end of an address only that counts, of another address all but its scheme. A text
    that leaves nothing over, such as one in Chinese, becomes `record-` and a part of its SHA-256.
    """
    at_end = _UUID.fullmatch(re.split(r"[/=#]", text)[-1])
    core = at_end[1] if at_end else doi(text) or cstr(text) or re.sub(r"^https?://(?:www\.)?", "", text)
    plain = unicodedata.normalize("NFKD", core).encode("ascii", "ignore").decode().lower()
    slug_ = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    if not slug_ or slug_ in RESERVED_IDS:
        return f"record-{digest}"
    return slug_ if len(slug_) <= _LONGEST else f"{slug_[: _LONGEST - 13].rstrip('-')}-{digest}"


def anonymous(*parts: object) -> str:
    """The id of a record that its source gives none: made of what it says, so that it stays the same."""
    return f"record-{hashlib.sha256(repr(parts).encode('utf-8', 'replace')).hexdigest()[:12]}"


def is_slug(text: str) -> bool:
    """Whether a text is the id of a record as it is."""
    return _SLUG.fullmatch(text) is not None and text not in RESERVED_IDS


def doi(text: str) -> str | None:
    """The DOI that a text is, without its resolver; None if it is none."""
    match = _DOI.fullmatch(unquote(text.strip()))
    return match[1] if match else None


def cstr(text: str) -> str | None:
    """The CSTR (Chinese science and technology resource identifier) that a text is, without its resolver, or None."""
    match = _CSTR.fullmatch(unquote(text.strip()))
    return match[1] if match else None


def external_id(text: str, scheme: str | None = None) -> dict[str, str]:
    """An identifier as a member of `externalIds`: its scheme is recognised, else the one given, else none."""
    text = text.strip()
    if value := doi(text):
        return {"scheme": "doi", "value": value}
    if value := cstr(text):
        return {"scheme": "cstr", "value": value}
    if match := _UUID.fullmatch(text):
        return {"scheme": "uuid", "value": match[1].lower()}
    return {"scheme": scheme, "value": text} if scheme else {"value": text}
