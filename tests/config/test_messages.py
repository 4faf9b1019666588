from __future__ import annotations

import json

import orjson
import pytest

from config.messages import Messages, in_language

FRUIT = Messages({"pears": {"en": "{count} pears of {name}", "zh": "{name} 的 {count} 个梨"}, "fig": {"en": "A fig"}})


def test_a_text_has_its_values_in_the_order_of_the_language() -> None:
    assert FRUIT.text("pears", "en", count=3, name="Ann") == "3 pears of Ann"
    assert FRUIT.text("pears", "zh", count=3, name="Ann") == "Ann 的 3 个梨"


def test_a_language_without_a_translation_gets_english() -> None:
    assert FRUIT.text("fig", "zh") == "A fig"
    assert FRUIT.text("pears", "fr", count=1, name="Bo") == "1 pears of Bo"


def test_a_phrase_is_english_until_a_language_is_asked_for() -> None:
    phrase = FRUIT.phrase("pears", count=2, name="Bo")
    assert phrase == "2 pears of Bo"
    assert json.loads(json.dumps([phrase])) == orjson.loads(orjson.dumps([phrase])) == ["2 pears of Bo"]
    assert in_language(phrase, "zh") == "Bo 的 2 个梨"
    assert in_language("2 pears of Bo", "zh") == "2 pears of Bo"


def test_an_unknown_key_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        FRUIT.phrase("plum")
