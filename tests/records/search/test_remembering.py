"""Counts that are remembered take a bounded amount of memory."""

from __future__ import annotations

from records.search.remembering import SearchMemory


def test_least_recently_used_results_are_forgotten() -> None:
    memory = SearchMemory(max_bytes=50_000)
    for number in range(10):
        memory.keep(number, "x" * 4_000)
    assert [number for number in range(10) if memory.known(number)] == [5, 6, 7, 8, 9]


def test_result_larger_than_the_memory_is_not_remembered() -> None:
    memory = SearchMemory(max_bytes=50_000)
    assert memory.get("large", lambda: "x" * 50_000) == "x" * 50_000
    assert memory.known("large") is None
