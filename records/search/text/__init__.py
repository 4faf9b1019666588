"""Text as search sees it: folding, tokens with positions, and the tsvector and tsquery that PostgreSQL compares.

The application makes both sides itself, because PostgreSQL's parsers find no Chinese word inside a sentence:

* A run of Chinese, Japanese or Korean characters gives a bigram and a unigram at each character. A query's bigrams
  overlap, so a match of three characters or more is a substring of the folded text.
* A word of two characters asked for alone must not straddle two words: `海洋` is not in `上海洋葱`, Shanghai's onions.
  `records.search.text.segments` says which bigrams do. They are indexed all the same, because `海洋葱` is there; a
  record in which a bigram stands in no other way has a second token, `!海洋`, that a query for the word alone
  excludes.
* An English word gives its stem; a stop word gives nothing, but keeps its place.
* Two English words or numbers that stand together give a token of both, without a position: a phrase of common words
  that are never neighbours would else cost a look at the positions of every record that has them.
* Letters and digits are written together or apart: `Sentinel-2`, `Sentinel 2` and `sentinel2`, `30 m` and `30m`.
  A text is indexed as it is written, and a query asks for each way of writing it.

Titles have weight A, keywords B, all else D. PostgreSQL keeps 256 positions of a lexeme and none beyond 16,383: past
those, words are still found, phrases no longer.
"""

from records.search.text.folding import folded
from records.search.text.query import MAX_QUERY_CHARACTERS, SearchPhrase, phrases, tsquery
from records.search.text.vector import SearchText, Weight

__all__ = ["MAX_QUERY_CHARACTERS", "SearchPhrase", "SearchText", "Weight", "folded", "phrases", "tsquery"]
