"""Building XML whose texts are always allowed in XML 1.0."""

from __future__ import annotations

import re
from typing import Any, Final

from lxml import etree

XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_ILLEGAL: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) does not allow even as a reference."""


def legal(text: str) -> str:
    """The text without the characters that no XML document can hold."""
    return _ILLEGAL.sub("", text)


class Namespace:
    """Names of one namespace, in Clark's notation."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def __call__(self, name: str) -> str:
        """The name with its namespace."""
        return f"{{{self.uri}}}{name}"


def root(tag: str, prefixes: dict[str | None, str], schema_location: str = "") -> Any:
    """A root element with the prefixes of a document, and where its schemas are."""
    element = etree.Element(tag, nsmap={**prefixes, "xsi": XSI} if schema_location else prefixes)
    if schema_location:
        element.set(f"{{{XSI}}}schemaLocation", schema_location)
    return element


def sub(parent: Any, tag: str, text: str | None = None, **attributes: str) -> Any:
    """A new last child, with a text and attributes."""
    child = etree.SubElement(parent, tag, {name: legal(value) for name, value in attributes.items()})
    if text is not None:
        child.text = legal(text)
    return child


def at(parent: Any, *tags: str) -> Any:
    """The innermost of new elements within one another, the first of them the parent's last child."""
    for tag in tags:
        parent = etree.SubElement(parent, tag)
    return parent


def document(element: Any) -> bytes:
    """The bytes of a document with this root."""
    encoded: bytes = etree.tostring(element, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return encoded
