"""A small language of formulae over fields: arithmetic, comparisons, conditions and a few functions.

A formula is parsed by Python's own parser and compiled to a tree of numpy calls; what is not listed here does not
exist, so that a formula cannot reach anything but its fields. NaN is no data and spreads; a comparison with no data is
no data.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from config.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Values = NDArray[np.float64]

MOST_TEXT: Final = 2000
_MOST_NODES: Final = 300
_MOST_DEPTH: Final = 40

_UNARY: Final[dict[type[ast.unaryop], Callable[..., Any]]] = {
    ast.USub: np.negative,
    ast.UAdd: np.positive,
    ast.Not: lambda a: np.where(np.isnan(a), np.nan, a == 0),
}
_BINARY: Final[dict[type[ast.operator], Callable[..., Any]]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.Mod: np.mod,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[..., Any]]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
FUNCTIONS: Final[dict[str, tuple[int, Callable[..., Any]]]] = {
    "abs": (1, np.abs), "sqrt": (1, np.sqrt), "exp": (1, np.exp), "log": (1, np.log), "log10": (1, np.log10),
    "log2": (1, np.log2), "sin": (1, np.sin), "cos": (1, np.cos), "tan": (1, np.tan), "asin": (1, np.arcsin),
    "acos": (1, np.arccos), "atan": (1, np.arctan), "atan2": (2, np.arctan2), "hypot": (2, np.hypot),
    "floor": (1, np.floor), "ceil": (1, np.ceil), "round": (1, np.rint), "sign": (1, np.sign),
    "min": (2, np.minimum), "max": (2, np.maximum), "radians": (1, np.radians), "degrees": (1, np.degrees),
    "clip": (3, np.clip), "fill": (2, lambda a, b: np.where(np.isnan(a), b, a)),
    "isnan": (1, lambda a: np.isnan(a).astype("float64")),
    "where": (3, lambda a, b, c: np.where(np.isnan(a), np.nan, np.where(a != 0, b, c))),
}  # fmt: skip
"""Number of arguments, and the function of each name. `fill(a, b)` is b where a has no data."""
CONSTANTS: Final = {"pi": np.pi, "e": np.e, "nan": np.nan}


@dataclass(frozen=True)
class Formula:
    """A checked formula: its text, and the names of the fields that it uses, in the order of their first use."""

    text: str
    names: tuple[str, ...]

    def evaluate(self, fields: Mapping[str, Values]) -> Values:
        """The values of the formula; infinite ones, such as of a division by 0, become NaN.

        Args:
            fields: Arrays of one shape, or numbers, by name.
        """
        with np.errstate(all="ignore"):
            values = np.asarray(_value(_parsed(self.text), fields), dtype="float64")
        return np.where(np.isfinite(values), values, np.nan)


def parse_formula(text: str) -> Formula:
    """Check a formula; raises InvalidInput naming what is not allowed and where."""
    tree = _parsed(text)
    nodes = list(ast.walk(tree))
    if len(nodes) > _MOST_NODES:
        raise InvalidInput(f"formula: {len(nodes)} parts are more than {_MOST_NODES}; write a shorter one")
    names: dict[str, None] = {}
    _check(tree, names, 0)
    fields = tuple(name for name in names if name not in CONSTANTS)
    if not fields:
        raise InvalidInput("formula: it names no field, such as a in `10 * log10(a)`")
    return Formula(text=text, names=fields)


def _parsed(text: str) -> ast.expr:
    if len(text) > MOST_TEXT:
        raise InvalidInput(f"formula: {len(text)} characters are more than {MOST_TEXT}")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = getattr(error, "offset", None)
        raise InvalidInput(f"formula {text[:80]!r} cannot be read{f' at {place}' if place else ''}") from error


def _check(node: ast.expr, names: dict[str, None], depth: int) -> None:
    if depth > _MOST_DEPTH:
        raise InvalidInput(f"formula: nested more than {_MOST_DEPTH} deep; write it in smaller steps")
    if not _is_allowed(node):
        part = ast.unparse(node)[:60]
        raise InvalidInput(f"formula: {part!r} is not allowed; functions are {', '.join(sorted(FUNCTIONS))}")
    if isinstance(node, ast.Name):
        names[node.id] = None
    for child in _children(node):
        _check(child, names, depth + 1)


def _is_allowed(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=int() | float()) | ast.Name() | ast.BoolOp() | ast.IfExp():
            return True
        case ast.UnaryOp(op=op):
            return type(op) in _UNARY
        case ast.BinOp(op=op):
            return type(op) in _BINARY
        case ast.Compare(ops=ops):
            return all(type(op) in _COMPARISONS for op in ops)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            return len(args) == FUNCTIONS[name][0]
        case _:
            return False


def _children(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        return node.args
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _value(node: ast.expr, fields: Mapping[str, Values]) -> Any:
    """The value of a node, which has been checked."""
    values = [_value(each, fields) for each in _children(node)]
    result: Any = None
    match node:
        case ast.Constant(value=int() | float() as number):
            result = float(number)
        case ast.Name(id=name):
            result = CONSTANTS[name] if name in CONSTANTS else fields[name]
        case ast.UnaryOp(op=op):
            result = _UNARY[type(op)](*values)
        case ast.BinOp(op=op):
            result = _BINARY[type(op)](*values)
        case ast.IfExp():
            result = FUNCTIONS["where"][1](*values)
        case ast.BoolOp(op=op):
            result = _joined(values, is_and=isinstance(op, ast.And))
        case ast.Compare(ops=ops):
            pairs = zip(ops, values, values[1:], strict=False)
            result = _joined([_compared(_COMPARISONS[type(op)], a, b) for op, a, b in pairs], is_and=True)
        case ast.Call(func=ast.Name(id=name)):
            result = FUNCTIONS[name][1](*values)
    return result


def _compared(compare: Callable[..., Any], a: Any, b: Any) -> Any:
    return np.where(np.isnan(a) | np.isnan(b), np.nan, compare(a, b))


def _joined(values: list[Any], *, is_and: bool) -> Any:
    """1, 0 or no data: a condition without data makes the whole one so."""
    result = values[0]
    for value in values[1:]:
        both = (result != 0) & (value != 0) if is_and else (result != 0) | (value != 0)
        result = np.where(np.isnan(result) | np.isnan(value), np.nan, both)
    return result
