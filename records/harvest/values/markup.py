"""Text of sources without its HTML: paragraphs become blank lines, everything else plain characters."""

from __future__ import annotations

import html
import re
from collections import Counter

import nh3

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TAGS = (
    "p|br|div|span|b|i|u|em|strong|sub|sup|a|ul|ol|li|table|tbody|thead|tr|td|th|h[1-6]|img|font|pre|code|hr|"
    "script|style"
)
_REFERENCE = r"&(?:[a-zA-Z]{2,10}|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});"
_IS_HTML = re.compile(rf"</?({_TAGS})(\s[^<>]*)?/?>|<!--|{_REFERENCE}", re.IGNORECASE)
_BREAKS = re.compile(r"<(?:br|hr)\s*/?>|</(?:p|div|li|tr|h[1-6]|table|ul|ol)>", re.IGNORECASE)
_BLANKS = re.compile(r"[^\S\n]+")
_PAIRED = re.compile(r"<(/?)(p|div|span|b|i|em|strong|a|ul|ol|table|sub|sup)(?=[\s>])", re.IGNORECASE)
_KEPT = frozenset({"p", "br", "hr", "div", "li", "tr", "table", "ul", "ol", *(f"h{n}" for n in range(1, 7))})


def plain_text(text: str) -> str:
    """A text, which may be HTML, as plain text; scripts and styles are dropped with what they hold.

    A text that has neither a tag nor a character reference is left as it is: `RMSE < 5` is no markup.
    """
    if _IS_HTML.search(text):
        blocks = nh3.clean(text, tags=set(_KEPT), attributes={})
        broken = _BREAKS.sub("\n\n", blocks)
        text = html.unescape(nh3.clean(broken, tags=set(), attributes={}))
    text = _storable(text).replace("\r\n", "\n").replace("\r", "\n")
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _storable(text: str) -> str:
    """The text without what PostgreSQL or JSON cannot hold: control characters and lone surrogates."""
    return _UNSTORABLE.sub("", text)


def unclosed_tags(text: str) -> list[str]:
    """The names of tags that are opened more often than closed, sorted."""
    counts: Counter[str] = Counter()
    for end, tag in _PAIRED.findall(text):
        counts[tag.lower()] += -1 if end else 1
    return sorted(tag for tag, count in counts.items() if count > 0)
