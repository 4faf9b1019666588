"""Languages as sources name them, and as a record does: BCP 47 tags, the shortest form."""

from __future__ import annotations

import re

UNDETERMINED = "und"
"""The tag of a text whose source names no language (BCP 47, 4.1)."""

_THREE_LETTERS = {
    "ara": "ar", "ben": "bn", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cze": "cs", "dan": "da",
    "deu": "de", "dut": "nl", "ell": "el", "eng": "en", "est": "et", "eus": "eu", "fas": "fa", "fin": "fi",
    "fra": "fr", "fre": "fr", "ger": "de", "gle": "ga", "glg": "gl", "gre": "el", "heb": "he", "hin": "hi",
    "hrv": "hr", "hun": "hu", "ice": "is", "ind": "id", "isl": "is", "ita": "it", "jpn": "ja", "kor": "ko",
    "lav": "lv", "lit": "lt", "mon": "mn", "msa": "ms", "nep": "ne", "nld": "nl", "nor": "no", "per": "fa",
    "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "slk": "sk", "slo": "sk", "slv": "sl",
    "spa": "es", "srp": "sr", "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi", "zho": "zh",
    "cmn": "zh", "bod": "bo", "tib": "bo", "uig": "ug",
}  # fmt: skip
"""ISO 639-2 codes, bibliographic and terminological, whose tag has two letters."""
_BIBLIOGRAPHIC = frozenset({"chi", "cze", "dut", "fre", "ger", "gre", "ice", "per", "rum", "slo", "tib"})
"""Those of them that have a terminological code beside them."""
_NAMES = {"english": "en", "chinese": "zh", "中文": "zh", "汉语": "zh", "英文": "en", "french": "fr", "german": "de"}
_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_WRITTEN_IN_HAN = frozenset({"zh", "ja", "ko", "yue", "wuu", "lzh"})
_CJK = re.compile(r"[\u4e00-\u9fff]")


def language_tag(text: object) -> str | None:
    """The tag of a language as a source writes it, or None if it is no language.

    `eng`, `eng; CAN`, `en_US`, `English`, `#locale-fre` and `http://id.loc.gov/vocabulary/iso639-1/en` are known.
    """
    if not isinstance(text, str) or not text:
        return None
    word = re.split(r"[;,]", text.strip())[0].rstrip("/").rpartition("/")[2].rpartition("#")[2]
    word = re.sub(r"^locale[-_]", "", word.strip())
    if word.casefold() in _NAMES:
        return _NAMES[word.casefold()]
    if not _TAG.fullmatch(word):
        return None
    primary, *rest = re.split("[-_]", word)
    primary = primary.lower()
    return "-".join((_THREE_LETTERS.get(primary, primary), *rest))


def three_letters(tag: str, *, bibliographic: bool = True) -> str:
    """The ISO 639-2 code of a language, bibliographic or terminological; a tag that has none, or is more, as it is."""
    codes = [code for code, two in _THREE_LETTERS.items() if two == tag]
    return next((code for code in codes if (code in _BIBLIOGRAPHIC) is bibliographic), codes[0] if codes else tag)


def holds_chinese(text: str) -> bool:
    """Whether a text has Chinese characters."""
    return _CJK.search(text) is not None


def language_of(text: str, tag: str) -> str:
    """The language of a short text that is tagged as one of some language, told by its script.

    Chinese characters in a language that is not written with them are Chinese (`zh`); Latin letters alone among texts
    of a language that is are taken for English (`en`). All else is of the language of its tag.
    """
    is_han = tag.split("-", maxsplit=1)[0].lower() in _WRITTEN_IN_HAN
    if holds_chinese(text):
        return tag if is_han else "zh"
    return "en" if is_han and text.isascii() and any(c.isalpha() for c in text) else tag
