"""As whom the server runs. PostgreSQL refuses to run as root, so root drops to an unprivileged account."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SYSTEM_ACCOUNT = "postgres"


@dataclass(frozen=True, kw_only=True)
class Account:
    """A user of the system."""

    uid: int
    gid: int
    name: str

    @property
    def is_me(self) -> bool:
        """Whether this process runs as this account."""
        return os.geteuid() == self.uid

    def give(self, path: Path) -> None:
        """Make this account the owner of a path that root made."""
        if not self.is_me:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def run(
        self, command: Sequence[str], *, folder: Path, timeout: float, keep_fds: tuple[int, ...] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, in a session of its own so that a terminal's Ctrl-C does not reach it.

        It runs in `folder`, so that its arguments can be relative: pg_ctl hands the path of a cluster to a shell
        without quoting what a shell reads in it. It sees none of our settings, nor libpq's variables, nor our language.
        """
        dropped = {} if self.is_me else {"user": self.uid, "group": self.gid, "extra_groups": [self.gid]}
        return subprocess.run(  # type: ignore[call-overload,no-any-return] # noqa: S603 - found programs; keywords in a dict
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            cwd=folder,
            env=_environment(),
            start_new_session=True,
            umask=0o077,
            pass_fds=keep_fds,
            **dropped,
        )


def _environment() -> dict[str, str]:
    hidden = ("PG", "LC_", "GRATICULE_")
    variables = {
        k: v for k, v in os.environ.items() if not k.startswith(hidden) and k not in ("LANG", "LANGUAGE", "TZ")
    }
    return variables | {"LC_ALL": "C"}


def me() -> Account:
    """The account of this process."""
    uid = os.geteuid()
    try:
        return Account(uid=uid, gid=os.getegid(), name=pwd.getpwuid(uid).pw_name)
    except KeyError:  # a container's arbitrary user
        return Account(uid=uid, gid=os.getegid(), name=str(uid))


def of_owner(path: Path) -> Account:
    """The account that owns a path."""
    status = path.stat()
    try:
        name = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        name = str(status.st_uid)
    return Account(uid=status.st_uid, gid=status.st_gid, name=name)


def unprivileged() -> Account:
    """The account root drops to; raises DatabaseUnavailable if the system has none."""
    try:
        entry = pwd.getpwnam(_SYSTEM_ACCOUNT)
    except KeyError as error:
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root, and this system has no user {_SYSTEM_ACCOUNT} to run it as; install "
            f"the system's postgresql package, `useradd --system {_SYSTEM_ACCOUNT}`, or run as an ordinary user"
        ) from error
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=_SYSTEM_ACCOUNT)
