"""`graticule`: finds the command, runs it, and turns errors into one line and an exit code.

A command's module is imported when the command runs, so that help and small commands start without the libraries of
the large ones. Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the machine or its settings are not fit, 130
interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from difflib import get_close_matches
from importlib import import_module, metadata
from typing import TYPE_CHECKING, NoReturn

import typer
from typer.exceptions import TyperException

from config.errors import EnvironmentFault, GraticuleError, InvalidInput, NotFound
from config.setting_groups.origins import unknown_variables
from services.cli.types import name_types
from services.cli.usage import reworded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType, ModuleType

COMMANDS = {
    "demo": ("service", "Ingest the demo datasets and serve them."),
    "serve": ("service", "Serve the catalogue."),
    "inspect": ("data", "Show what would be understood of files, or draft a declaration."),
    "ingest": ("data", "Make or extend a dataset from files."),
    "watch": ("data", "Keep a dataset in line with a folder, as files come and go."),
    "harvest": ("catalogue", "Take metadata of other catalogues into this one."),
    "records": ("catalogue", "List, show, withdraw and restore metadata records."),
    "tokens": ("catalogue", "Make, list and revoke the tokens that clients write with."),
    "mosaics": ("data", "List and build the overviews across the sheets of datasets."),
    "datasets": ("data", "List, show, edit, hide, remove and verify datasets."),
    "series": ("data", "Build, verify, drop and show the parts of long series by time."),
    "styles": ("data", "List colour maps and styles, and draw legends."),
    "store": ("data", "Remove files of the store that nothing refers to."),
    "schema": ("data", "Print the JSON Schema of a declaration."),
    "db": ("service", "Start, stop and inspect the database."),
    "settings": ("service", "Show each setting, its value and where it came from."),
}
"""The folder of each command's module, which has the name of the command, and its line in the help."""

EXIT_CODES: dict[type[GraticuleError], int] = {InvalidInput: 2, NotFound: 2, EnvironmentFault: 3, GraticuleError: 1}
"""The exit code of each error class; the nearest ancestor in the table counts."""

_LISTS = {"/collections/records/items": "records list", "/collections": "datasets list"}
"""The command that lists what a path of the service lists."""
_WORKING = frozenset({"ingest", "inspect", "watch"})
"""Commands that work in processes forked from a template."""
_INTERRUPTED = 130
_TERMINATED = 143


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(list(sys.argv[1:] if argv is None else argv)))


def run(arguments: list[str]) -> int:
    """Run a command; returns the exit code."""
    if not arguments or arguments[0] in ("--help", "-h", "help"):
        sys.stdout.write(usage())
        return 0 if arguments else 2
    name, *rest = arguments
    if name == "--version":
        sys.stdout.write(f"graticule {metadata.version('graticule')}\n")
        return 0
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1)
        meant = f"did you mean {near[0]!r}? There" if near else "there"
        return _fail(f"no command {name!r}; {meant} are {', '.join(COMMANDS)}", 2)
    return _run_command(name, rest)


def _run_command(name: str, arguments: list[str]) -> int:
    for warning in unknown_variables(os.environ):
        sys.stderr.write(f"graticule: warning: {warning}\n")
    try:
        _start_workers(name, arguments)
        return _invoke(_application(import_module(f"services.cli.{COMMANDS[name][0]}.{name}"), name), name, arguments)
    except GraticuleError as error:
        return _fail(_in_terminal(error.detail), exit_code(error))
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has enough
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - what is still buffered goes nowhere
        return 0


def _start_workers(name: str, arguments: list[str]) -> None:
    """Have the process import that the workers of an ingest are forked from, while this one does."""
    if name in _WORKING and "--help" not in arguments:
        from services.ingest.worker_template import worker_template

        worker_template().start()


def _in_terminal(detail: str) -> str:
    """A message of the service as a command says it: what lists the datasets or records is a command too."""
    for path, command in _LISTS.items():
        detail = detail.replace(f"{path} lists them", f"`graticule {command}` lists them")
    detail = detail.replace("there is no collection ", "there is no dataset ")
    if detail.startswith("there is no record ") and "lists them" not in detail:
        detail += "; `graticule records list` lists them"
    return detail


def exit_code(error: GraticuleError) -> int:
    """The exit code of an error."""
    return next(EXIT_CODES[cls] for cls in type(error).__mro__ if cls in EXIT_CODES)


def usage() -> str:
    """The help of `graticule` itself."""
    rows = "\n".join(f"  {name:<10} {text}" for name, (_, text) in COMMANDS.items())
    return (
        "Usage: graticule COMMAND [OPTIONS]\n\nTurns files into OGC services.\n\n"
        f"Commands:\n{rows}\n\n"
        "`graticule COMMAND --help` tells more of each; `graticule --version` tells the version.\n"
    )


def _application(module: ModuleType, name: str) -> typer.Typer:
    """A module's `app`, or an application of its only function, `command`."""
    app = getattr(module, "app", None)
    if isinstance(app, typer.Typer):
        return app
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name)(module.command)
    return single


def _invoke(app: typer.Typer, name: str, arguments: list[str]) -> int:
    try:
        group = typer.main.get_command(app)
        name_types(group)
        code = group.main(args=arguments, prog_name=f"graticule {name}", standalone_mode=False)
    except TyperException as error:
        reworded(error).show()  # type: ignore[attr-defined]  # each that typer raises has it
        return error.exit_code
    except typer.Abort:
        return _INTERRUPTED
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1 if done.code else 0
    return code if isinstance(code, int) else 0


def _fail(detail: str, code: int) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"graticule: {detail}\n")
    return code


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End as an exception does, so that each `with` block on the way tidies up."""
    raise SystemExit(_TERMINATED)
