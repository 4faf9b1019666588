"""A request as the functions of pygeoapi's core read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pygeoapi import l10n
from pygeoapi.api import APIRequest

from config.vocabulary import JSON

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class _Message:
    """The members that APIRequest reads of a web framework's request."""

    args: Mapping[str, str]
    headers: Mapping[str, str]
    path_info: str = ""


@dataclass(frozen=True, kw_only=True)
class CoreCall:
    """The checked values from which a request to the core is made.

    Attributes:
        parameters: The query parameters.
        headers: The headers; the answer is always JSON.
        body: The body.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class CoreRequest(APIRequest):  # type: ignore[misc]  # pygeoapi ships no types
    """A request made from checked values, without a web framework's request behind it."""

    def __init__(self, call: CoreCall, locales: list[Any]) -> None:
        super().__init__(_Message(args=call.parameters, headers={**call.headers, "accept": JSON}), locales)
        self._data = call.body

    @property
    def raw_locale(self) -> list[str]:
        """The language of the request as a list: pygeoapi 0.24 hands it on as a text, which its matching ignores."""
        return [l10n.locale2str(self.locale)]
