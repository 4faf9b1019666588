"""Short texts in every language of the service, by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_LANGUAGE: Final = "en"


class Messages:
    """The texts of one area.

    Args:
        texts: The text of each key by language; `{name}` stands for a value. English is there for every key.
    """

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self.texts: Final = texts

    def text(self, key: str, language: str, /, **values: object) -> str:
        """Return the text of a key with its values, in a language or else in English; raises KeyError."""
        translations = self.texts[key]
        return translations.get(language, translations[DEFAULT_LANGUAGE]).format(**values)

    def phrase(self, key: str, /, **values: object) -> Phrase:
        """Return the text of a key with its values, in a language that is known later; raises KeyError."""
        return Phrase(self, key, values)


class Phrase(str):
    """A message whose language is known only when it is written: a key and its values.

    As a string it is the English text, so that it can be written wherever nobody asks for another language.
    """

    __slots__ = ("_key", "_messages", "_values")

    _key: str
    _messages: Messages
    _values: Mapping[str, object]

    def __new__(cls, messages: Messages, key: str, values: Mapping[str, object]) -> Self:
        """Create the phrase; raises KeyError."""
        phrase = super().__new__(cls, messages.text(key, DEFAULT_LANGUAGE, **values))
        phrase._messages, phrase._key, phrase._values = messages, key, values
        return phrase

    def in_language(self, language: str) -> str:
        """Return the text in a language."""
        return self._messages.text(self._key, language, **self._values)


def in_language(text: str, language: str) -> str:
    """Return a phrase in a language, and any other text as it is."""
    return text.in_language(language) if isinstance(text, Phrase) else text
