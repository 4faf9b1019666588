"""No code beside `services.access` reads the access of a dataset, but what writes or stores it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[3]

STORES: Final = {
    "records/datasets/publishing.py": "stores it",
    "records/datasets/rows.py": "stores it",
    "records/documents/presentation.py": "writes it into records",
    "records/documents/published_record.py": "compares a record with it",
    "records/writing/record_store.py": "compares a record with it",
    "services/cli/data/datasets.py": "edits and lists it",
    "services/ingest/publishing/access.py": "takes it from a declaration or a record",
    "services/ingest/publishing/editing.py": "takes it from a declaration or a record",
    "services/portal/pages/records/record_search.py": "shows what a record says of it",
}
"""The modules that may: they do not decide by it."""

FIELDS: Final = {"embargo_until", "access_policy"}
WORDS: Final = (*FIELDS, "policy")
"""One of them is in every module that reads the access; others need not be parsed."""


def reads_access(tree: ast.AST) -> bool:
    """Whether code reads `….access.policy`, or an attribute that is a field of the access."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        if node.attr in FIELDS:
            return True
        if node.attr == "policy" and isinstance(node.value, ast.Attribute) and node.value.attr == "access":
            return True
    return False


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("dataset.access.policy == 'open'", True),
        ("a.b.embargo_until", True),
        ("row.access_policy", True),
        ("Access(policy='open', embargo_until=None)", False),
        ("view.policy", False),
    ],
)
def test_a_reader_of_the_access_is_recognised(code: str, *, expected: bool) -> None:
    assert reads_access(ast.parse(code)) is expected


def test_nothing_beside_the_access_package_reads_the_access_of_a_dataset() -> None:
    files = [path for root in ("records", "services", "cog") for path in (ROOT / root).rglob("*.py")]
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in files}
    spoken = {name: text for name, text in texts.items() if any(word in text for word in WORDS)}
    names = {name for name, text in spoken.items() if reads_access(ast.parse(text))}
    readers = {name for name in names if not name.startswith("services/access/")}
    assert readers - STORES.keys() == set(), "take a Decision of services.access instead"
    assert STORES.keys() - readers == set(), "strike what reads it no longer"
