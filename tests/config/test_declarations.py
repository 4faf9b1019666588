"""Declarations that are no clean YAML are refused with the place and the remedy."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from config.declarations.datasets import read_declaration
from config.errors import InvalidDeclaration

BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id: a\nrecord: {title: {zh: 海温}}\n".encode("gbk"), r"line 2: the byte 0xba .* save the file as UTF-8"),
        (b"[" * 3000, "nested deeper than 20"),
        (b"{a: " * 3000, "nested deeper than 20"),
        (BOMB.encode(), r"line 1: anchors .* write it out"),
        (b"id: *a\n", "line 1: anchors"),
        (b"access: {embargo_until: 2001-02-30}\n", "in quotes"),
        (b"id: a\x00b\n", "special characters"),
        (b"? [a, b]\n: c\n", "unhashable"),
        (b" " * 1_000_001, "larger than"),
    ],
    ids=["GBK", "lists", "mappings", "bomb", "alias", "date", "NUL", "key", "size"],
)
def test_a_declaration_that_is_no_clean_yaml_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    start = time.monotonic()
    with pytest.raises(InvalidDeclaration, match=message) as refused:
        read_declaration(path)
    assert str(path) in refused.value.detail
    assert time.monotonic() - start < 2


def test_a_declaration_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidDeclaration, match="No such file"):
        read_declaration(tmp_path / "missing.yaml")
    with pytest.raises(InvalidDeclaration, match="Is a directory"):
        read_declaration(tmp_path)


def test_a_byte_order_mark_is_no_part_of_a_declaration(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("id: a", encoding="utf-8-sig")
    assert read_declaration(path).id == "a"
