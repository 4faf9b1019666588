"""Conformance classes by standard, for their page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def by_standard(classes: Iterable[str]) -> dict[str, list[str]]:
    """Group the short names of conformance classes by standard: `ogcapi-common-1 1.0` -> core, json."""
    groups: dict[str, list[str]] = {}
    for uri in classes:
        standard, _, name = uri.partition("/conf/")
        words = standard.rstrip("/").split("/")[3:]
        groups.setdefault(" ".join(w for w in words if w != "spec"), []).append(name or uri)
    return groups
