"""Which PostgreSQL installations this machine has, and whether PostGIS belongs to them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST_MAJOR = 14
"""Oldest PostgreSQL release this project works with."""

_SYSTEM_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/*/bin")
_NEEDED = ("initdb", "pg_ctl", "postgres")


@dataclass(frozen=True, kw_only=True)
class Installation:
    """One PostgreSQL installation that has a server."""

    bin_dir: Path
    """Folder of `initdb`, `pg_ctl` and `postgres`, symbolic links resolved."""

    major: int
    """Major version, such as 15."""

    postgis: bool
    """Whether the PostGIS extension is installed for it."""

    def program(self, name: str) -> str:
        """The absolute path of one of its programs."""
        return str(self.bin_dir / name)


def find_installation(bin_dir: str = "", *, major: int | None = None) -> Installation:
    """The newest installation with PostGIS, or the one of `major`, or the one in `bin_dir`.

    Raises DatabaseUnavailable saying what to install or to set.
    """
    if bin_dir:
        home = _home(Path(bin_dir))
        installation = _inspect(home) if home is not None else None
        if installation is None:
            needed = ", ".join(_NEEDED)
            raise DatabaseUnavailable(f"GRATICULE_DATABASE_BIN_DIR={bin_dir}: this folder has no working {needed}")
        installations = [installation]
    else:
        installations = sorted(_installations(), key=lambda i: i.major, reverse=True)
    usable = [i for i in installations if i.postgis and i.major >= OLDEST_MAJOR]
    matching = [i for i in usable if i.major == major]
    if matching or usable:
        return (matching or usable)[0]
    raise DatabaseUnavailable(_remedy(installations))


def _remedy(installations: list[Installation]) -> str:
    either = "or set GRATICULE_DATABASE_URL to a server that has PostGIS"
    recent = [i for i in installations if i.major >= OLDEST_MAJOR]
    if recent:
        major = recent[0].major
        return (
            f"PostgreSQL {major} in {recent[0].bin_dir} lacks PostGIS; install it, on Debian and Ubuntu "
            f"`apt-get install postgresql-{major}-postgis-3`, {either}"
        )
    old = (
        f"PostgreSQL {installations[0].major} is older than {OLDEST_MAJOR}" if installations else "no server was found"
    )
    return (
        f"the embedded database needs PostgreSQL {OLDEST_MAJOR} or newer with PostGIS, and {old}; install it, on "
        f"Debian and Ubuntu `apt-get install postgresql postgresql-postgis`, {either}"
    )


def _installations() -> list[Installation]:
    homes = dict.fromkeys(home for folder in _candidates() if (home := _home(folder)) is not None)
    return [installation for home in homes if (installation := _inspect(home)) is not None]


def _candidates() -> Iterator[Path]:
    """Folders that may hold a server: what pg_config says, what PATH holds, where the systems put it."""
    config = shutil.which("pg_config")
    reported = _output([config, "--bindir"]) if config else None
    if reported:
        yield Path(reported)
    for name in ("postgres", "initdb"):
        program = shutil.which(name)
        if program:
            yield Path(program).resolve().parent
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        if folder and os.access(Path(folder) / "postgres", os.X_OK):
            yield Path(folder)
    for pattern in _SYSTEM_FOLDERS:
        yield from Path("/").glob(pattern.removeprefix("/"))


def _home(folder: Path) -> Path | None:
    """Where the programs of a folder lie once links are followed, or None if it lacks one; many folders link to one."""
    if not all(os.access(folder / name, os.X_OK) for name in _NEEDED):
        return None
    home = (folder / "postgres").resolve().parent
    return home if all(os.access(home / name, os.X_OK) for name in _NEEDED) else folder.resolve()


def _inspect(home: Path) -> Installation | None:
    """The installation of a folder of programs, or None if its server does not run."""
    match = re.search(r"\b(\d+)(?:\.|devel|beta|rc|\b)", _output([str(home / "postgres"), "--version"]) or "")
    if match is None:
        return None
    major = int(match[1])
    return Installation(bin_dir=home, major=major, postgis=_has_postgis(home, major))


def _has_postgis(home: Path, major: int) -> bool:
    shares = [home.parent / "share", home.parent / "share/postgresql", Path(f"/usr/share/postgresql/{major}")]
    folder = _output([str(home / "pg_config"), "--sharedir"])
    if folder:
        shares.insert(0, Path(folder))
    return any(os.access(share / "extension/postgis.control", os.R_OK) for share in shares)


def _output(command: list[str]) -> str | None:
    """What a program prints, or None if it cannot be run or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603 - found programs
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
