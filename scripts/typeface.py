"""Write the font that charts and legends fall back on: the characters of GB 2312, Latin and Greek letters, and signs.

Run by hand when the package changes: `npm pack @embedpdf/fonts-sc`, unpack it, then
`.venv/bin/python scripts/typeface.py package/fonts/NotoSansHans-Regular.otf services/drawing/typeface`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FAMILY = "Graticule Sans SC"
RANGES = ((0x20, 0x7F), (0xA0, 0x180), (0x370, 0x400), (0x2010, 0x2060), (0x2070, 0x20A0), (0x2190, 0x2200))
SIGNS = "℃′″−≤≥≈≠±×÷√∞∑∂∆°µ㎡㎞"
LICENCE = """The font GraticuleSansSC.otf holds the characters of GB 2312 and some signs of Noto Sans S Chinese Regular,
version 1.000, under another name and without hints.

Copyright 2014 Adobe Systems Incorporated. Noto is a trademark of Google Inc.

Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance with the
License. You may obtain a copy of the License at http://www.apache.org/licenses/LICENSE-2.0
"""


def gb2312() -> set[int]:
    """The code points of GB 2312."""
    points = set()
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                points.add(ord(bytes((high, low)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return points


def main() -> None:
    """Write the font and its licence."""
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    font = TTFont(source, recalcTimestamp=False)
    points = gb2312() | {ord(sign) for sign in SIGNS} | {point for low, high in RANGES for point in range(low, high)}
    options = Options(
        hinting=False, layout_features=["kern"], name_IDs=[0, 1, 2, 4, 5, 6, 13, 14], desubroutinize=False
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    names = {1: FAMILY, 4: FAMILY, 6: FAMILY.replace(" ", "")}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    top = font["CFF "].cff
    top.fontNames[0] = names[6]
    top[0].FamilyName = top[0].FullName = FAMILY
    folder.mkdir(parents=True, exist_ok=True)
    font.save(folder / "GraticuleSansSC.otf")
    (folder / "LICENSE.txt").write_text(LICENCE, encoding="utf-8")


if __name__ == "__main__":
    main()
