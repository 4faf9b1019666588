"""Who runs a command, for the history of records."""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """`command USER`: the user of the machine."""
    try:
        return f"command {getpass.getuser()}"
    except (KeyError, OSError):  # a container's user without a name
        return f"command uid {os.getuid()}"
