"""Fonts for drawn legends: those of the system, and for a text the first that has all of its letters.

The last one is packaged (`services/drawing/typeface`): it has the characters of GB 2312, Latin and Greek.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Font = ImageFont.FreeTypeFont

_REGULAR: Final = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "Arial.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansCJKsc-Regular.otf",
    "NotoSansSC-Regular.otf",
    "NotoSansSC-Regular.ttf",
    "SourceHanSansSC-Regular.otf",
    "SourceHanSansCN-Regular.otf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "DroidSansFallback.ttf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "msyh.ttc",
    "simhei.ttf",
    "simsun.ttc",
    "NotoSerifCJK-Regular.ttc",
    "uming.ttc",
    "GraticuleSansSC.otf",
)
"""Files of fonts, the first choice first: Latin ones, then those with Chinese characters, then the packaged one."""
_BOLD: Final = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "LiberationSans-Bold.ttf", "NotoSansCJK-Bold.ttc")
_MOST_FILES: Final = 50_000
_NOWHERE: Final = "\U0010fffe"
"""A character that no font has: what is drawn like it is a box."""
_MOST_TEXT: Final = 1_000
_TYPEFACE: Final = Path(__file__).parent.parent / "typeface"
_NONE: Final = Path()
"""Stands for no font; None is Pillow's own."""
_PLAIN: Final = str.maketrans({"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{GREEK SMALL LETTER MU}": "u"})


class Fonts:
    """The fonts found in some folders, and Pillow's own, which has Latin letters. Thread-safe."""

    def __init__(self, folders: Sequence[Path]) -> None:
        paths = _files(folders)
        self._paths: dict[bool, list[Path | None]] = {
            False: [*(paths[name] for name in _REGULAR if name in paths), None],
            True: [*(paths[name] for name in (*_BOLD, *_REGULAR) if name in paths), None],
        }
        self._open = lru_cache(maxsize=64)(_opened)
        self._covers = lru_cache(maxsize=4096)(self._draws)

    def has(self, text: str) -> bool:
        """Whether some font has each letter of a text."""
        return all(self._first(character, bold=False) is not _NONE for character in _letters(text))

    def legible(self, text: str) -> str:
        """The text, with plain signs for those that no font has: `m-3` for m\u207b\u00b3."""
        if self.has(text):
            return text
        plain = unicodedata.normalize("NFKC", text).translate(_PLAIN)
        return "".join(c for c in plain if c.isspace() or self.has(c))

    def runs(self, text: str, size: int, *, bold: bool = False) -> list[tuple[Font, str]]:
        """The text in pieces, each with a font that has its letters; one font for all of it if there is one."""
        whole = next((path for path in self._paths[bold] if self._all(path, text)), _NONE)
        if whole is not _NONE:
            return [(self._open(whole, size), text)]
        pieces: list[tuple[Path | None, str]] = []
        for character in text:
            path = pieces[-1][0] if pieces and character.isspace() else self._first(character, bold=bold)
            if pieces and pieces[-1][0] == path:
                pieces[-1] = (path, pieces[-1][1] + character)
            else:
                pieces.append((path, character))
        return [(self._open(None if path is _NONE else path, size), piece) for path, piece in pieces]

    def width(self, text: str, size: int, *, bold: bool = False) -> float:
        """Width of a text, as legible, in pixels."""
        return sum(font.getlength(piece) for font, piece in self.runs(self.legible(text), size, bold=bold))

    def _first(self, character: str, *, bold: bool) -> Path | None:
        """The first font that has a letter; `_NONE` if there is none."""
        return next((path for path in self._paths[bold] if self._covers(path, character)), _NONE)

    def _all(self, path: Path | None, text: str) -> bool:
        return all(self._covers(path, character) for character in _letters(text))

    def _draws(self, path: Path | None, character: str) -> bool:
        font = self._open(path, 16)
        missing, glyph = font.getmask(_NOWHERE), font.getmask(character)
        return glyph.size != missing.size or bytes(glyph) != bytes(missing)


def _letters(text: str) -> set[str]:
    return {character for character in text[:_MOST_TEXT] if not character.isspace()}


@cache
def system_fonts() -> Fonts:
    """The fonts of this machine, and the packaged one."""
    return Fonts([*_folders(), _TYPEFACE])


@cache
def packaged_fonts() -> Fonts:
    """The packaged font alone: what is drawn with it is the same on every machine."""
    return Fonts([_TYPEFACE])


def _folders() -> list[Path]:
    home = Path(os.environ.get("HOME") or "/nonexistent")
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        return [Path(os.environ.get("SYSTEMROOT", "C:/Windows")) / "Fonts"]
    return [home / ".local/share/fonts", home / ".fonts", Path("/usr/local/share/fonts"), Path("/usr/share/fonts")]


def _files(folders: Sequence[Path]) -> dict[str, Path]:
    """The known fonts of the folders by file name; the first folder wins."""
    names = {*_REGULAR, *_BOLD}
    paths: dict[str, Path] = {}
    for path in islice(_walk(folders), _MOST_FILES):
        if path.name in names:
            paths.setdefault(path.name, path)
    return paths


def _walk(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        for here, _, names in os.walk(folder):
            yield from (Path(here) / name for name in sorted(names))


def _opened(path: Path | None, size: int) -> Font:
    if path is None:
        font = ImageFont.load_default(size)
        assert isinstance(font, ImageFont.FreeTypeFont)
        return font
    return ImageFont.truetype(str(path), size, index=_simplified_chinese(path))


@cache
def _simplified_chinese(path: Path) -> int:
    """The face of a collection that draws Chinese characters as they are written on the mainland; else the first."""
    if path.suffix != ".ttc":
        return 0
    for index in range(10):
        try:
            name = ImageFont.truetype(str(path), 16, index=index).getname()[0] or ""
        except OSError:
            break
        if name.endswith((" SC", " GB")) or " SC " in name:
            return index
    return 0
