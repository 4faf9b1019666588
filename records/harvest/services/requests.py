"""Asking a catalogue service by GET, and what it says where it gives no records."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from records.harvest.fetch.content import local_name
from records.harvest.formats.iso_xml import text

if TYPE_CHECKING:
    from collections.abc import Collection

    from records.harvest.fetch.content import Content


def asked(url: str, parameters: dict[str, str], *, without: Collection[str] = ()) -> str:
    """The URL with these parameters in place of its own of the same names, case ignored (OGC 06-121r9, 11.5.2).

    Args:
        url: The address of the service, perhaps with parameters.
        parameters: What is asked.
        without: Names, in lower case, of further parameters of the address that are left out.
    """
    parts = urlsplit(url)
    names = {name.lower() for name in parameters} | set(without)
    remaining = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in names]
    return urlunsplit(parts._replace(query=urlencode([*remaining, *parameters.items()]), fragment=""))


def complaint(content: Content) -> str:
    """What an answer says that is no answer: the texts of its errors, shortened."""
    if content.xml is None:
        return "it is no XML"
    marks = ("error", "ExceptionText", "ServiceException")
    texts = [text(e) or str(e.get("code") or "") for e in content.xml.iter() if local_name(e) in marks]
    return "; ".join(texts)[:300] or f"a {local_name(content.xml)}"
