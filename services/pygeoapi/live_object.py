"""A live object inside pygeoapi's configuration."""

from __future__ import annotations

from typing import Any, Self


class LiveObject[T]:
    """Holder of an object that must not be copied: pygeoapi deep-copies its configuration."""

    def __init__(self, value: T) -> None:
        self.value = value

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return this same holder."""
        return self
