"""Which bigrams of a run of Chinese characters straddle two words, by the dictionary of jieba.

`rjieba` is jieba's dictionary and algorithm in Rust, without a download. It is loaded at the first run of four
characters or more that is indexed, in about half a second and 33 MB; a query never needs it.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

_LEAST = 4
"""Characters of a run that may hold two words of two."""
_MEASURES = frozenset({"温度", "深度", "速度", "高度", "质量", "压力"})
"""What is often said by its first character: `水温` stands in `海水温度`, the temperature of sea water."""


_CACHED = 60
"""Characters of a run that is remembered: titles and set phrases come again from record to record."""


def straddling(run: str) -> tuple[int, ...]:
    """Offsets of bigrams that are words, but lie across two other words of at least two characters.

    `上海洋葱` is `上海` and `洋葱`: its `海洋`, at 1, straddles them.
    """
    if len(run) < _LEAST:
        return ()
    return _known(run) if len(run) <= _CACHED else _straddling(run)


def _straddling(run: str) -> tuple[int, ...]:
    offsets = []
    end = 0
    for left, right in pairwise(_words(run)):
        end += len(left)
        if len(left) > 1 and len(right) > 1 and right not in _MEASURES and _is_word(left[-1] + right[0]):
            offsets.append(end - 1)
    return tuple(offsets)


_known = lru_cache(maxsize=20_000)(_straddling)


def _words(run: str) -> list[str]:
    """The words of a run by the dictionary alone: a guess at names that it lacks would part true words."""
    import rjieba  # noqa: PLC0415 - takes half a second and 33 MB

    return rjieba.cut(run, hmm=False)


@lru_cache(maxsize=100_000)
def _is_word(bigram: str) -> bool:
    import rjieba  # noqa: PLC0415

    return rjieba.has_word(bigram)
