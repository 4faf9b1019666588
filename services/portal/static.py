"""Style sheet, scripts and icons, at URLs that hold the hash of them all, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

FOLDER: Final = Path(__file__).parent / "static"
_YEAR_S: Final = 31_536_000
_IMPORT: Final = re.compile(r'^(?:import|\} from)\b[^"]*"(\.[^"]+)";', re.MULTILINE)
"""An import of a script, of one line or the last line of one."""

router = APIRouter(include_in_schema=False)


@cache
def version() -> str:
    """The first 12 digits of the SHA-256 over every static file."""
    digest = hashlib.sha256()
    for path in sorted(p for p in FOLDER.rglob("*") if p.is_file()):
        digest.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def modules(*entrances: str) -> tuple[str, ...]:
    """The scripts that some scripts import, directly or not, so that a page can ask for all of them at once."""
    known: dict[str, None] = {}
    waiting = [FOLDER / entrance for entrance in entrances]
    while waiting:
        path = waiting.pop()
        name = path.relative_to(FOLDER).as_posix()
        if name in known:
            continue
        known[name] = None
        if "vendor" not in path.parts:
            waiting += [(path.parent / found).resolve() for found in _IMPORT.findall(path.read_text("utf-8"))]
    return tuple(known)


@cache
def _files() -> StaticFiles:
    return StaticFiles(directory=FOLDER)


@router.get("/static/{release}/{file:path}", name="static")
async def static(request: Request, release: str, file: Annotated[str, PathParameter(max_length=200)]) -> Response:
    """A static file; only the present version's URL may be kept without asking again."""
    response = await _files().get_response(file, request.scope)
    lasting = f"public, max-age={_YEAR_S}, immutable"
    response.headers["Cache-Control"] = lasting if release == version() else "no-cache"
    return response


@router.get("/favicon.ico")
async def favicon(request: Request) -> Response:
    """The icon that browsers ask for unasked."""
    return await _files().get_response("icon.svg", request.scope)
