"""The service against the clauses of the standards that it speaks, each clause shown able to fail.

`python -m pytest tests/conformance` (`make conformance`) sends the requests of every clause, then sends them again to
the same service behind a wrapper that changes answers, which the clause has to notice.
"""
