"""A request of CSW in either encoding: the operation, its parameters by name in lower case, and its constraint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from services.ows.faults import OwsFault, invalid, missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.search.cql2 import Node

VERSION: Final = "2.0.2"
SERVICE: Final = "CSW"
OPERATIONS: Final = ("GetCapabilities", "DescribeRecord", "GetRecords", "GetRecordById", "GetDomain")
NOT_OFFERED: Final = ("Transaction", "Harvest")
MAX_LIST: Final = 200
"""Values of one list, such as identifiers."""


@dataclass(frozen=True, kw_only=True)
class CswRequest:
    """A request for an operation of CSW.

    Attributes:
        name: One of `OPERATIONS`.
        values: Its parameters by their KVP names in lower case; lists joined by commas.
        constraint: A tree for `records.search.fes.translated`; None without a constraint.
        sortby: Pairs of a queryable and whether it descends.
        echo: The root element of a request in XML.
    """

    name: str
    values: Mapping[str, str]
    constraint: Node = None
    sortby: tuple[tuple[str, bool], ...] = ()
    echo: Any = field(default=None)

    def text(self, name: str, default: str = "") -> str:
        """A parameter, or its default."""
        return self.values.get(name.lower(), "").strip() or default

    def values_of(self, name: str) -> list[str]:
        """The values of a list; raises OwsFault if there are too many."""
        values = [part for value in self.text(name).split(",") if (part := value.strip())]
        if len(values) > MAX_LIST:
            raise invalid(name, f"{len(values)} values", f"at most {MAX_LIST} are possible")
        return values

    def one_of[T](self, name: str, default: str, choices: Mapping[str, T]) -> T:
        """The meaning of a parameter with a few choices; raises OwsFault for any other value."""
        value = self.text(name, default)
        if value not in choices:
            raise invalid(name, value, f"there are {', '.join(choices)}")
        return choices[value]

    def integer(self, name: str, default: int, *, low: int, high: int | None = None) -> int:
        """An integer from `low` to `high`; raises OwsFault."""
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdecimal()) or len(text) > 15 or int(text) < low:
            raise invalid(name, text, f"give an integer of at least {low}")
        if high is not None and int(text) > high:
            raise invalid(name, text, f"at most {high} is possible; narrow the search, or harvest by OAI-PMH at /oai")
        return int(text)


def operation_name(name: str) -> str:
    """The operation of that name; raises OwsFault."""
    if not name:
        raise missing("request")
    if name in NOT_OFFERED:
        raise OwsFault("OperationNotSupported", name, f"{name} is not offered; this catalogue is read only")
    if name not in OPERATIONS:
        raise invalid("request", name, f"there are {', '.join(OPERATIONS)}")
    return name


def require_version(operation: CswRequest) -> None:
    """Refuse another service or version (07-006r1, table 5 and 10.2); raises OwsFault."""
    service = operation.text("service")
    if not service:
        raise missing("service")
    if service.upper() != SERVICE:
        raise invalid("service", service, f"this service is {SERVICE}")
    if operation.name == "GetCapabilities":
        accepted = operation.values_of("acceptversions")
        if accepted and VERSION not in accepted:
            detail = f"acceptversions={', '.join(accepted)[:100]}: this service speaks {VERSION}"
            raise OwsFault("VersionNegotiationFailed", "acceptversions", detail)
        return
    version = operation.text("version")
    if not version:
        raise missing("version")
    if version != VERSION:
        raise invalid("version", version, f"this service speaks {VERSION}")
