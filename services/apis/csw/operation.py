"""A request of CSW, however it came: the operation, its parameters by name in lower case, and its constraint."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from services.apis.csw.faults import OwsFault, invalid, missing

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
class Operation:
    """What is asked.

    Attributes:
        name: One of `OPERATIONS`.
        values: Its parameters by their KVP names in lower case; lists joined by commas.
        constraint: A tree for `records.search.fes.translated`; None without a constraint.
        sortby: (queryable, descends) each.
        echo: The root element of a request in XML.
    """

    name: str
    values: Mapping[str, str]
    constraint: Node = None
    sortby: tuple[tuple[str, bool], ...] = ()
    echo: Any = field(default=None)

    def text(self, name: str, usual: str = "") -> str:
        """A parameter, or what it is when it is not given."""
        return self.values.get(name.lower(), "").strip() or usual

    def listed(self, name: str) -> list[str]:
        """The values of a list; raises OwsFault if there are too many."""
        found = [part for value in self.text(name).split(",") if (part := value.strip())]
        if len(found) > MAX_LIST:
            raise invalid(name, f"{len(found)} values", f"at most {MAX_LIST} are possible")
        return found

    def one_of[T](self, name: str, usual: str, known: Mapping[str, T]) -> T:
        """The meaning of a parameter that has few values; raises OwsFault for another."""
        given = self.text(name, usual)
        if given not in known:
            raise invalid(name, given, f"there are {', '.join(known)}")
        return known[given]

    def integer(self, name: str, usual: int, *, low: int, high: int | None = None) -> int:
        """An integer within bounds; above `high` it is an error. Raises OwsFault."""
        text = self.text(name, str(usual))
        if not (text.isascii() and text.isdecimal()) or len(text) > 15 or int(text) < low:
            raise invalid(name, text, f"give an integer of at least {low}")
        if high is not None and int(text) > high:
            raise invalid(name, text, f"at most {high} is possible; narrow the search, or harvest by OAI-PMH at /oai")
        return int(text)


def operation_name(given: str) -> str:
    """The operation of that name; raises OwsFault."""
    if not given:
        raise missing("request")
    if given in NOT_OFFERED:
        raise OwsFault("OperationNotSupported", given, f"{given} is not offered; the catalogue is read here")
    if given not in OPERATIONS:
        raise invalid("request", given, f"there are {', '.join(OPERATIONS)}")
    return given


def require_version(operation: Operation) -> None:
    """Refuse a service or version that is not spoken here (07-006r1, table 5 and 10.2); raises OwsFault."""
    service = operation.text("service")
    if not service:
        raise missing("service")
    if service.upper() != SERVICE:
        raise invalid("service", service, f"this is {SERVICE}")
    if operation.name == "GetCapabilities":
        accepted = operation.listed("acceptversions")
        if accepted and VERSION not in accepted:
            detail = f"acceptversions={', '.join(accepted)[:100]}: this service speaks {VERSION}"
            raise OwsFault("VersionNegotiationFailed", "acceptversions", detail)
        return
    version = operation.text("version")
    if not version:
        raise missing("version")
    if version != VERSION:
        raise invalid("version", version, f"this service speaks {VERSION}")
