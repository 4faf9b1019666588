"""The types of options and arguments in the help of commands, in words."""

from __future__ import annotations

from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

_WORDS: Final = {"path": "FILE", "int": "NUMBER", "float": "NUMBER", "str": "TEXT"}


def name_types(command: Any) -> None:
    """Name what each option of a command, and of those below it, takes; a switch takes nothing."""
    for parameter in (*command.params, command.get_help_option(typer.Context(command))):
        if isinstance(parameter, TyperOption) and parameter.metavar is None:
            if parameter.is_flag:
                parameter.metavar = ""
            elif not parameter.type_descriptor.is_choice:
                kind = parameter.bare_type().lower().removeprefix("list[").removesuffix("]")
                parameter.metavar = _WORDS.get(kind, "TEXT")
        elif isinstance(parameter, TyperArgument):
            parameter.display_type_rich = _nothing  # type: ignore[method-assign]  # typer shows Python's type there
            if parameter.metavar is None and parameter.name:
                parameter.metavar = parameter.name.rpartition("_")[2].removesuffix("s").upper()
    if isinstance(command, TyperGroup):
        for inner in command.commands.values():
            name_types(inner)


def _nothing(ctx: object) -> str:  # noqa: ARG001 - typer names it
    return ""
