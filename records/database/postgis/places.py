"""Where a data directory's cluster, its socket and its locks stand.

An ordinary user's cluster lies in the data directory. Root's lies under /var/lib/graticule, where the account the
server runs as can reach it whatever the modes of the folders above the data directory, and a pointer file in the data
directory names it. A Unix socket's path has at most 107 bytes, so a long one is replaced by a short folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from config.errors import DatabaseUnavailable
from records.database.postgis.account import Account, me, of_owner, unprivileged

ROOT_STATE = Path("/var/lib/graticule")
ROOT_SOCKETS = Path("/run/graticule")
POINTER = "postgres.place"
"""File of the data directory that names root's cluster."""

_HOME = "data-directory"
"""File of root's cluster that names the data directory, for the people who find the cluster."""

_OWN_FOLDER = "postgres"
_SOCKET_NAME = "/.s.PGSQL.5432.lock"
_SOCKET_LIMIT = 107
_NAME = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}")
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


@dataclass(frozen=True, kw_only=True)
class Places:
    """The paths of one cluster."""

    data_dir: Path
    """The data directory it belongs to, absolute."""

    state: Path
    """Folder of everything below; only its owner writes in it."""

    sockets: Path
    """Folder of the Unix socket, mode 0700, owned by `account`."""

    account: Account
    """As whom the server runs."""

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.state / "cluster"

    @property
    def password(self) -> Path:
        """File of the generated password, mode 0600."""
        return self.state / "password"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.state / "log" / "server.log"

    @property
    def kept(self) -> Path:
        """File whose presence says that the server outlives its users (`graticule db start`)."""
        return self.state / "kept"

    @property
    def exists(self) -> bool:
        """Whether a cluster was made."""
        return (self.cluster / "PG_VERSION").is_file()


def existing(data_dir: Path) -> Places | None:
    """The places of the cluster of a data directory, or None if it has none; makes nothing."""
    data_dir = data_dir.resolve()
    own, pointer = data_dir / _OWN_FOLDER, data_dir / POINTER
    try:
        if own.is_dir():
            return _own_places(data_dir, own)
        if not pointer.is_file():
            return None
        name = pointer.read_text(encoding="utf-8", errors="replace").strip()[:64]
    except OSError as error:
        raise DatabaseUnavailable(f"{data_dir} cannot be read: {error}; run as its owner") from error
    if not _NAME.fullmatch(name):
        raise DatabaseUnavailable(f"{pointer} names no cluster: {name!r}; remove it to begin an empty catalogue")
    return _root_places(data_dir, name, pointer)


def prepare(data_dir: Path) -> Places:
    """The places of the cluster of a data directory; makes the folders that are missing."""
    data_dir = data_dir.resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        places = existing(data_dir) or _new_places(data_dir)
        _make_folder(places.state, None if places.state.is_relative_to(ROOT_STATE) else places.account)
        _make_folder(places.log.parent, places.account)
        _make_folder(places.sockets, places.account)
    except OSError as error:
        raise DatabaseUnavailable(
            f"the embedded database of {data_dir} has no place: {error}; "
            "set GRATICULE_DATA_DIR to a folder you may write in"
        ) from error
    return places


def _new_places(data_dir: Path) -> Places:
    if os.geteuid() != 0:
        return _own_places(data_dir, data_dir / _OWN_FOLDER)
    name = f"{_digest(data_dir)}-{secrets.token_hex(4)}"
    places = _root_places(data_dir, name, None)
    ROOT_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    places.state.mkdir(mode=0o755)
    (places.state / _HOME).write_text(f"{data_dir}\n", encoding="utf-8", errors="surrogateescape")
    temporary = data_dir / f"{POINTER}.{name}"
    temporary.write_text(name + "\n", encoding="utf-8")
    try:
        os.link(temporary, data_dir / POINTER)  # whole or not at all, and never over another's
    except FileExistsError:  # another command was first
        shutil.rmtree(places.state)
        winner = existing(data_dir)
        assert winner is not None
        return winner
    finally:
        temporary.unlink()
    return places


def _own_places(data_dir: Path, state: Path) -> Places:
    account = of_owner(state) if os.geteuid() == 0 and state.is_dir() else me()
    if state.is_dir() and os.geteuid() not in (0, state.stat().st_uid):
        raise DatabaseUnavailable(
            f"the catalogue in {state} belongs to user {of_owner(state).name}, not to {account.name}; "
            "run as that user or set GRATICULE_DATA_DIR to another folder"
        )
    sockets = state / "run"
    if len(os.fsencode(str(sockets) + _SOCKET_NAME)) > _SOCKET_LIMIT or not _PLAIN.fullmatch(str(sockets)):
        sockets = Path(f"/tmp/graticule-{account.uid}-{_digest(state)}")  # noqa: S108 - 0700, ownership is checked
    return Places(data_dir=data_dir, state=state, sockets=sockets, account=account)


def _root_places(data_dir: Path, name: str, pointer: Path | None) -> Places:
    if os.geteuid() != 0:
        raise DatabaseUnavailable(
            f"{pointer}: the catalogue of this data directory was made by root and lies in {ROOT_STATE / name}; "
            "run as root or set GRATICULE_DATA_DIR to another folder"
        )
    state = ROOT_STATE / name
    if pointer and not state.is_dir():
        raise DatabaseUnavailable(
            f"{pointer}: the catalogue of this data directory, {state}, is gone; restore it from a backup, "
            f"or remove {pointer} to begin an empty one"
        )
    return Places(data_dir=data_dir, state=state, sockets=ROOT_SOCKETS / name, account=unprivileged())


def _digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def _make_folder(path: Path, account: Account | None) -> None:
    """Make a folder of mode 0700 for an account, or of mode 0755 for root; refuse one that another user made."""
    owner = account or me()
    try:
        path.mkdir(mode=0o700 if account else 0o755, parents=path.is_relative_to(ROOT_SOCKETS))
    except FileExistsError:
        pass
    else:
        owner.give(path)
    if path.is_relative_to(ROOT_SOCKETS):
        ROOT_SOCKETS.chmod(0o755)
    status = path.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() == 0 != owner.uid:
        owner.give(path)  # another command of root's has made it just now, and has not come to this yet
        status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner.uid or (account and status.st_mode & 0o077):
        raise DatabaseUnavailable(
            f"{path} is not a folder that only user {owner.name} can enter; remove it, or have its owner remove it"
        )
