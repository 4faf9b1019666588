"""The cells of a notebook in the format of Jupyter (nbformat 4.5), with fixed ids, so that equal ones are equal."""

from __future__ import annotations

from typing import Any, Final

JUPYTER: Final = "application/x-ipynb+json"


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """A notebook of cells, run by a Python kernel; nothing has been run in it."""
    return {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def text(*lines: str) -> dict[str, Any]:
    """A cell of Markdown."""
    return {"cell_type": "markdown", "metadata": {}, "source": "\n".join(lines)}


def code(*lines: str) -> dict[str, Any]:
    """A cell of Python."""
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": "\n".join(lines)}
