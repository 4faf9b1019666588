"""The bytes of a source, parsed once and safely: bounded in size, depth and entities, reaching nothing outside."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from lxml import etree

from config.errors import SourceRefused

MAX_BYTES = 32_000_000
"""Bytes of one content; a larger catalogue comes in pages or files."""
MAX_DEPTH = 100
"""Levels of objects, lists or elements within one another."""

_MARKUP_DECLARATION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_JSON_LD = re.compile(rb"<script\b[^>]{0,200}application/ld\+json[^>]{0,200}>", re.IGNORECASE)
_PAGE = re.compile(rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?(<!doctype html|<html)", re.IGNORECASE | re.DOTALL)
_MAX_SCRIPTS = 50
_CHARSET = re.compile(rb"<meta\b[^>]{0,200}charset=[\"']?([a-z0-9_-]{2,20})", re.IGNORECASE)
_CHARSETS = frozenset(
    {"utf-8", "gbk", "gb2312", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "cp1252", "iso8859-1"}
)


@dataclass(frozen=True)
class Content:
    """The bytes of a file or of an HTTP answer, and where they came from (a path or a URL)."""

    data: bytes
    name: str

    def __post_init__(self) -> None:
        if len(self.data) > MAX_BYTES:
            raise SourceRefused(
                self.name, f"{len(self.data)} bytes are more than {MAX_BYTES}", "divide it into smaller files"
            )

    @cached_property
    def _stripped(self) -> bytes:
        return self.data.removeprefix(b"\xef\xbb\xbf").lstrip()

    @property
    def looks_like_json(self) -> bool:
        """Whether it begins as JSON objects and lists do."""
        return self._stripped[:1] in (b"{", b"[")

    @cached_property
    def json(self) -> Any:
        """The JSON value, or None if it is no JSON; raises SourceRefused where it begins as JSON and is broken."""
        if not self.looks_like_json:
            return None
        try:
            value = orjson.loads(self._stripped)
        except orjson.JSONDecodeError as error:
            if not _is_utf8(self._stripped):
                raise SourceRefused(
                    self.name, "it is not in UTF-8, as JSON is (RFC 8259, 8.1)", "convert it"
                ) from error
            raise SourceRefused(self.name, f"it is no JSON: {error}", "repair the file") from error
        if is_deeper(value, MAX_DEPTH):
            raise SourceRefused(self.name, f"it nests more than {MAX_DEPTH} levels", "no metadata format does")
        return value

    @cached_property
    def xml(self) -> Any:
        """The root element, or None if it is no XML; raises SourceRefused where it begins so and is unsafe or broken.

        A document type declaration is refused whole: no metadata format needs one, and entities hide in it.
        """
        if not self._stripped.startswith(b"<") or self.is_html:
            return None
        if _MARKUP_DECLARATION.search(self.data.replace(b"\x00", b"")):  # also in UTF-16
            raise SourceRefused(self.name, "it has a document type declaration or entities", "remove them")
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True
        )
        try:
            root = etree.fromstring(self._stripped, parser)
        except (etree.XMLSyntaxError, ValueError, LookupError) as error:
            raise SourceRefused(self.name, f"it is no XML: {error}", "repair the file") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise SourceRefused(self.name, "it has a document type declaration", "remove it")
        return root

    @cached_property
    def is_html(self) -> bool:
        """Whether it is a web page."""
        return _PAGE.match(self._stripped[:5000]) is not None

    @cached_property
    def embedded(self) -> list[Any]:
        """The JSON-LD documents of a web page, in the charset that it names or UTF-8; what is no JSON is left out."""
        if not self.is_html:
            return []
        values = []
        charset = self._charset()
        for script in self._scripts():
            try:
                value = orjson.loads(script.decode(charset))
            except (orjson.JSONDecodeError, UnicodeDecodeError):
                continue
            if not is_deeper(value, MAX_DEPTH):
                values.append(value)
        return values

    def _charset(self) -> str:
        """The charset that a web page names in its head, if it is one that is known."""
        match = _CHARSET.search(self.data[:5000])
        try:
            codec = codecs.lookup(match[1].decode()) if match else None
        except LookupError:
            codec = None
        return codec.name if codec is not None and codec.name in _CHARSETS else "utf-8"

    def _scripts(self) -> list[bytes]:
        """The texts of a page's scripts of JSON-LD, the first `_MAX_SCRIPTS`, found in one walk over the page."""
        scripts: list[bytes] = []
        begin = _JSON_LD.search(self.data)
        while begin is not None and len(scripts) < _MAX_SCRIPTS:
            end = self.data.find(b"</", begin.end())
            while end >= 0 and self.data[end : end + 8].lower() != b"</script":
                end = self.data.find(b"</", end + 2)
            if end < 0:
                break
            scripts.append(self.data[begin.end() : end])
            begin = _JSON_LD.search(self.data, end)
        return scripts


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def is_deeper(value: object, levels: int) -> bool:
    """Whether a JSON value has more levels than that; never recurses."""
    here = [value]
    for _ in range(levels):
        here = [v for holder in here if isinstance(holder, dict | list) for v in _members(holder)]
        if not here:
            return False
    return any(isinstance(v, dict | list) for v in here)


def _members(holder: dict[str, Any] | list[Any]) -> list[Any]:
    return list(holder.values()) if isinstance(holder, dict) else holder


def local_name(element: Any) -> str:
    """The name of an element without its namespace; empty for a comment."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""
