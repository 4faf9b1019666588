"""What does not matter when texts are compared: case, width, Latin accents, kinds of dashes, traditional characters."""

from __future__ import annotations

import unicodedata
from functools import cache

from records.search.text.simplified import SIMPLIFIED, TRADITIONAL

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_LETTERS = {ord("ø"): "o", ord("đ"): "d", ord("ł"): "l", ord("æ"): "ae", ord("œ"): "oe", ord("ð"): "d", ord("þ"): "th"}


@cache
def _folds() -> dict[int, str | None]:
    """Dashes to one, letters without their accents, combining accents to nothing, characters to simplified ones."""
    folds: dict[int, str | None] = dict.fromkeys(range(0x300, 0x370))
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii():
            folds[code] = base
    simplified = dict(zip(map(ord, TRADITIONAL), SIMPLIFIED, strict=True))
    return folds | simplified | _DASHES | _LETTERS


def folded(text: str) -> str:
    """The text as it is compared: `ＣＯ₂` is `co2` and `臺灣` is `台湾` (UAX 15, NFKC, then casefold)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", text).casefold().translate(_folds())
