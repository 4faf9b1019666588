"""Every clause is met, and notices the faults that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from tests.conformance.clauses import ALL
from tests.conformance.framework import BASE, Mutated, Site

if TYPE_CHECKING:
    from tests.conformance.framework import Clause, Mutation
    from tests.conformance.table import Results


def test_names_of_clauses_are_unique() -> None:
    names = [clause.name for clause in ALL]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("clause", ALL, ids=lambda clause: clause.name)
def test_a_clause_is_met(site: Site, results: Results, clause: Clause) -> None:
    results.clauses.append(("not met", clause))
    assert clause.declared is None or clause.declared in site.conformance, f"{clause.declared} is not declared"
    clause.check(site)
    results.clauses[-1] = ("met", clause)


NOTICED = (AssertionError, LookupError, StopIteration, ValueError, TypeError, OSError, etree.LxmlError)
"""What checks raise: their own words, and those of readers that can make nothing of an answer."""
FAULTS = [(clause, mutation) for clause in ALL for mutation in clause.mutations]


@pytest.mark.parametrize(("clause", "mutation"), FAULTS, ids=lambda value: value.name.replace("/", "."))
def test_a_clause_notices_a_fault(site: Site, results: Results, clause: Clause, mutation: Mutation) -> None:
    faulty = Site(TestClient(Mutated(site.client.app, mutation), base_url=BASE))
    with pytest.raises(NOTICED):
        clause.check(faulty)
    results.noticed[clause.name].append(mutation.name)
