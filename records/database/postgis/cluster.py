"""Making a cluster, and the configuration it is started with."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from typing import TYPE_CHECKING

from config.errors import DatabaseUnavailable, DatabaseUnsuitable
from records.database.postgis.binaries import find_installation

if TYPE_CHECKING:
    from pathlib import Path

    from config.settings import DatabaseSettings
    from records.database.postgis.binaries import Installation
    from records.database.postgis.places import Places

USER = "graticule"
DATABASE = "graticule"
LOCAL_CONF = "local.conf"
"""File beside the cluster in which an operator may set anything; the rest is written anew at each start."""

_INITDB_TIMEOUT_S = 300.0
_LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "en_US.utf8")

_CONF = """\
# Written by graticule at each start. Put settings of your own in {local_conf}, beside this file.
listen_addresses = ''
port = 5432
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
hba_file = '{hba}'
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = 512MB
work_mem = 16MB
maintenance_work_mem = 64MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
fsync = {durable}
full_page_writes = {durable}
synchronous_commit = {durable}
effective_cache_size = 1GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%a '
lc_messages = 'C'
include_if_exists '{local_conf}'
"""

_HBA = """\
# Written by graticule at each start: the Unix socket, with the password, and nothing else.
local all all scram-sha-256
"""


def installation_for(places: Places, settings: DatabaseSettings) -> Installation:
    """The installation that can run a cluster; raises DatabaseUnsuitable if only other major versions are here."""
    made_by = major_of(places)
    installation = find_installation(settings.bin_dir, major=made_by)
    if made_by is not None and made_by != installation.major:
        raise DatabaseUnsuitable(
            f"the cluster {places.cluster} was made by PostgreSQL {made_by}, and this machine has {installation.major} "
            f"({installation.bin_dir}); install PostgreSQL {made_by}, on Debian and Ubuntu `apt-get install "
            f"postgresql-{made_by}-postgis-3`, or upgrade the cluster with pg_upgrade"
        )
    return installation


def major_of(places: Places) -> int | None:
    """The major version that made a cluster, or None if there is no cluster yet."""
    version = places.cluster / "PG_VERSION"
    if not version.is_file():
        return None
    text = version.read_text(encoding="utf-8", errors="replace").strip()
    major = text.partition(".")[0]
    if not major.isdecimal():
        raise DatabaseUnsuitable(f"{version} holds {text[:40]!r} and no version; restore the cluster from a backup")
    return int(major)


def make(places: Places, installation: Installation, *, durable: bool) -> None:
    """Make the cluster if it is missing. A making that was killed leaves nothing that a second one trips over."""
    if places.exists:
        return
    unfinished = places.state / "cluster.new"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    places.account.give(unfinished)
    _write_password(places)
    command = [
        installation.program("initdb"),
        *("--pgdata", unfinished.name, "--username", USER, "--pwfile", places.password.name),
        *("--encoding", "UTF8", "--locale", _utf8_locale(), "--auth", "scram-sha-256", "--no-instructions"),
        *([] if durable else ["--no-sync"]),
    ]
    try:
        done = places.account.run(command, folder=places.state, timeout=_INITDB_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseUnavailable(f"the cluster {places.cluster} could not be made: {error}") from error
    if done.returncode != 0:
        raise DatabaseUnavailable(f"the cluster {places.cluster} could not be made: {tail_of(done.stdout)}")
    unfinished.rename(places.cluster)


def configure(places: Places, *, durable: bool) -> Path:
    """Write the server's configuration; returns its file."""
    configuration, hba = places.state / "postgresql.conf", places.state / "pg_hba.conf"
    text = _CONF.format(
        sockets=_quoted(places.sockets),
        hba=_quoted(hba),
        durable="on" if durable else "off",
        local_conf=LOCAL_CONF,
    )
    for path, content in ((configuration, text), (hba, _HBA)):
        _replace(path, content, mode=0o644)
        places.account.give(path)
    return configuration


def tail_of(text: str, lines: int = 12) -> str:
    """The last lines of a program's output or a log."""
    return "\n".join(line[:300] for line in text.strip().splitlines()[-lines:]) or "it said nothing"


def _write_password(places: Places) -> None:
    if not places.password.exists():
        _replace(places.password, secrets.token_urlsafe(32), mode=0o600)
        places.account.give(places.password)


def _replace(path: Path, content: str, *, mode: int) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    temporary.rename(path)


def _quoted(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace("\n", "\\n").replace("'", "''")


def _utf8_locale() -> str:
    """A locale of this system that knows UTF-8 letters; C.UTF-8 where there is one."""
    try:
        done = subprocess.run(["locale", "-a"], capture_output=True, text=True, timeout=20, check=True)  # noqa: S607 - PATH
    except (OSError, subprocess.SubprocessError):
        return _LOCALES[0]
    available = set(done.stdout.split())
    return next((name for name in _LOCALES if name in available), _LOCALES[0])
