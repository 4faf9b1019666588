"""Formulae over fields: values against numpy, no data, and what is not part of the language."""

from __future__ import annotations

import numpy as np
import pytest

from cog.science.expressions import parse_formula
from config.errors import InvalidInput

A, B = np.array([1.0, 4.0, np.nan, 0.0]), np.array([2.0, 3.0, 5.0, 0.0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a - b) / (a + b)", [-1 / 3, 1 / 7, np.nan, np.nan]),
        ("10 * log10(a)", [0, 10 * np.log10(4), np.nan, np.nan]),
        ("where(a > 2, a, -b)", [-2, 4, np.nan, 0]),
        ("a if a > 2 else -b", [-2, 4, np.nan, 0]),
        ("fill(a, b)", [1, 4, 5, 0]),
        ("1 < a <= 4 and not b == 2", [0, 1, np.nan, 0]),
        ("a ** 2 + clip(b, 0, 2.5) * pi", [1 + 2 * np.pi, 16 + 2.5 * np.pi, np.nan, 0]),
        ("max(a, b) % 3", [2, 1, np.nan, 0]),
    ],
)
def test_a_formula_has_the_values_of_numpy(text: str, expected: list[float]) -> None:
    np.testing.assert_allclose(parse_formula(text).evaluate({"a": A, "b": B}), expected, rtol=1e-12)


def test_the_fields_of_a_formula_are_named_in_order() -> None:
    assert parse_formula("b + sqrt(a) * pi - b").names == ("b", "a")


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')", "a.b", "a[0]", "lambda: a", "[a]", "'a'", "a; b", "open(a)", "a(b)", "f'{a}'",
        "sqrt(a, b)", "sqrt(x=a)", "a << 1", "1 + 2", "", "a +", "(" * 300 + "a" + ")" * 300,
        " + ".join(["a"] * 400), "-" * 100 + "a", "a if b", "a := 1", "1j * a", "a @ b", "b'' + a",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="formula"):
        parse_formula(text)
