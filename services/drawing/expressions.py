"""Band arithmetic from strangers: what of it may reach the evaluator."""

from __future__ import annotations

import ast
import re

from config.errors import InvalidParameter

MAX_LENGTH = 500
MAX_BLOCKS = 4
_BAND = re.compile(r"b[1-9][0-9]?", re.ASCII)
_MAX_DEPTH = 40


def check(expression: str) -> None:
    """Refuse an expression that is too long, uses other names than bands, or computes a power of constants.

    Python itself folds constants before numexpr sees them: `9**9**9**9` would never end. Raises InvalidParameter.
    """
    if len(expression) > MAX_LENGTH:
        raise InvalidParameter("expression", expression, f"at most {MAX_LENGTH} characters")
    blocks = [block for block in expression.lower().split(";") if block]
    if not 1 <= len(blocks) <= MAX_BLOCKS:
        raise InvalidParameter("expression", expression, f"1 to {MAX_BLOCKS} blocks, parted by semicolons")
    for block in blocks:
        try:
            tree = ast.parse(block.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise InvalidParameter("expression", expression, "band arithmetic such as b1/b2 is needed") from error
        _check_tree(tree, expression)


def _check_tree(tree: ast.Expression, expression: str) -> None:
    if _depth(tree) > _MAX_DEPTH:
        raise InvalidParameter("expression", expression, f"nested more than {_MAX_DEPTH} deep")
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in called and not _BAND.fullmatch(node.id):
            raise InvalidParameter("expression", expression, f"{node.id[:20]} is no band; bands are b1, b2, ...")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not (_has_band(node)):
            raise InvalidParameter("expression", expression, "a power of constants; write its value")
        if isinstance(node, ast.Constant) and not isinstance(node.value, int | float):
            raise InvalidParameter("expression", expression, "constants are numbers")


def _has_band(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and _BAND.fullmatch(n.id) for n in ast.walk(node))


def _depth(node: ast.AST) -> int:
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for parent in level for child in ast.iter_child_nodes(parent)]
    return deepest
