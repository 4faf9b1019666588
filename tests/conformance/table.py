"""The table of results, written into a document between two marks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conformance.framework import Clause

BEGIN: Final = "<!-- table -->"
END: Final = "<!-- end of table -->"


@dataclass
class Results:
    """What was seen of each clause, and of the official suites.

    Attributes:
        clauses: (outcome, clause) of each.
        noticed: Faults that a clause noticed, by its name.
        suites: Outcome of each official suite.
    """

    clauses: list[tuple[str, Clause]] = field(default_factory=list)
    noticed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    suites: list[tuple[str, str]] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Write the table; whatever stands between the marks is replaced."""
        before, _, rest = path.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        path.write_text(f"{before}{BEGIN}\n{self._table()}\n{END}{after}", "utf-8")

    def _table(self) -> str:
        lines = ["| standard | clauses | met | faults noticed |", "| --- | --- | --- | --- |"]
        standards = dict.fromkeys(clause.standard for _, clause in self.clauses)
        for standard in standards:
            own = [(outcome, clause) for outcome, clause in self.clauses if clause.standard == standard]
            met = sum(outcome == "met" for outcome, _ in own)
            noticed = sum(len(self.noticed[clause.name]) for _, clause in own)
            faults = sum(len(clause.mutations) for _, clause in own)
            lines.append(f"| {standard} | {len(own)} | {met} | {noticed} of {faults} |")
        for standard in standards:
            lines += [
                "",
                f"## {standard}",
                "",
                "| requirement | says | result | faults that it noticed |",
                "| --- " * 4 + "|",
            ]
            for outcome, clause in self.clauses:
                if clause.standard == standard:
                    noticed = "; ".join(self.noticed[clause.name]).replace("|", "\\|")
                    says = " ".join(clause.says.split()).replace("|", "\\|")
                    lines.append(f"| {clause.requirement} | {says} | {outcome} | {noticed} |")
        lines += ["", "## Official suites", "", "| suite | result |", "| --- | --- |"]
        lines += [f"| {name} | {outcome} |" for name, outcome in self.suites]
        return "\n".join(lines)
