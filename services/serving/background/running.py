"""What the processes in the background of a server share: how they start, and how the supervisor ends them."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from config import logging as logs
from config import settings as configuration
from config.errors import GraticuleError
from services.compute.children.lifeline import die_with

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from config.settings import Settings


class _StoppedError(BaseException):
    """The supervisor says stop; no `except Exception` on the way holds it up."""


def run_in_background(work: Callable[[Settings, Callable[[], None]], None], *, niceness: int) -> None:
    """Do work until SIGTERM or SIGINT, or until the parent ends. A GraticuleError ends the process with its detail.

    The arguments of the process are the descriptor of the answer and the parent's id.

    Args:
        work: (settings, what to call once it has started) -> never returns of itself.
        niceness: How far it stands back behind others.
    """
    answers, parent = (int(word) for word in sys.argv[1:3])
    die_with(parent)
    os.set_inheritable(answers, False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)

    def tell_ready() -> None:
        with os.fdopen(answers, "w") as pipe:
            pipe.write("ready\n")

    try:
        settings = configuration.load()
        logs.configure(level=settings.log_level, style=settings.log_format)
        os.nice(niceness)
        work(settings, tell_ready)
    except _StoppedError:
        pass
    except GraticuleError as error:
        sys.exit(f"graticule: {error.detail}")


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the end is not interrupted again; the supervisor kills what is late
    raise _StoppedError("the server was stopped")
