"""The process that fills the demo's catalogue: `python -m services.demo.child`; `services.demo.fill` starts it.

It reads one pickled `Job` from its standard input, and writes pickled `Progress` and `Report`s, and at the end the ids
of all datasets or the error, to the descriptor that its first argument names. Nothing is imported until it runs: the
workers that it starts import this module too.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_INTERRUPTED = 130
_TERMINATED = 143


def main() -> None:
    """Fill the catalogue, and end with the process that started this one."""
    from config.errors import GraticuleError  # noqa: PLC0415 - see above
    from services.compute.lifeline import die_with  # noqa: PLC0415
    from services.demo.fill import fill_here  # noqa: PLC0415

    answers, parent = (int(word) for word in sys.argv[1:3])
    die_with(parent)
    signal.signal(signal.SIGTERM, _terminate)
    with os.fdopen(answers, "wb") as pipe:

        def send(message: object) -> None:
            pickle.dump(message, pipe)
            pipe.flush()

        try:
            send(fill_here(pickle.load(sys.stdin.buffer), say=send, listener=send))  # noqa: S301 - our parent wrote it
        except GraticuleError as error:
            send(error)


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End as an exception does, so that each `with` block on the way tidies up."""
    raise SystemExit(_TERMINATED)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
