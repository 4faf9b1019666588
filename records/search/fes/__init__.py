"""Filters of older catalogue clients, OGC Filter Encoding 1.1 (04-095) and the CQL of CSW 2.0.2 (07-006r1, 6.2.2).

Both are read into one tree of operations on the names that those clients use (`encoding`, `cql`); `translation` turns
it into a filter of `records.search.cql2`, so that there is one way from a filter to SQL.
"""

from __future__ import annotations

from records.search.fes.cql import from_cql
from records.search.fes.encoding import from_filter
from records.search.fes.queryables import QUERYABLES, sort_key
from records.search.fes.translation import translated

__all__ = ["QUERYABLES", "from_cql", "from_filter", "sort_key", "translated"]
