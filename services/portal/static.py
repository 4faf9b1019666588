"""Style sheet, scripts and icons, at URLs that hold the hash of them all, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
import re
import zlib
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi import Path as PathParameter
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

from services.web.middleware.compression import accepts_gzip

FOLDER: Final = Path(__file__).parent / "static"
_YEAR_S: Final = 31_536_000
_IMPORT: Final = re.compile(r'^(?:import|\} from)\b[^"]*"(\.[^"]+)";', re.MULTILINE)
"""An import of a script, of one line or the last line of one."""
_TEXTS: Final = frozenset({".css", ".js", ".mjs", ".json", ".svg"})
_SMALL: Final = 500
"""Bytes below which a file is not compressed."""
_GZIP: Final = 31
"""Window bits that mean the format of gzip."""

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
    """The scripts that some import, directly or not, so that a page can ask for all at once; the largest first."""
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
    return tuple(sorted(known, key=lambda name: -(FOLDER / name).stat().st_size))


def later_modules(entrance: str, after: str) -> tuple[str, ...]:
    """The scripts of one entrance that are not needed by another, which comes before."""
    return tuple(name for name in modules(entrance) if name not in modules(after))


@cache
def _files() -> StaticFiles:
    return StaticFiles(directory=FOLDER)


@router.get("/static/{release}/{file:path}", name="static")
async def static(request: Request, release: str, file: Annotated[str, PathParameter(max_length=200)]) -> Response:
    """A static file; only the present version's URL may be kept without asking again."""
    response = await _files().get_response(file, request.scope)
    if isinstance(response, FileResponse) and _may_be_packed(request, response):
        response = await _packed_response(response)
    lasting = f"public, max-age={_YEAR_S}, immutable"
    response.headers["Cache-Control"] = lasting if release == version() else "no-cache"
    return response


def _may_be_packed(request: Request, response: FileResponse) -> bool:
    is_long = Path(response.path).suffix in _TEXTS and int(response.headers["content-length"]) >= _SMALL
    return is_long and "range" not in request.headers and accepts_gzip(request.headers.get("accept-encoding", ""))


async def _packed_response(response: FileResponse) -> Response:
    """The same file, compressed once for all: a first visit loads a megabyte of scripts."""
    body = await run_in_threadpool(_packed, str(response.path))
    same = {name: response.headers[name] for name in ("content-type", "last-modified")}
    own = {"ETag": "W/" + response.headers["etag"], "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Response(body, headers=same | own)


@cache
def _packed(path: str) -> bytes:
    """A file of the package as gzip of the highest level; there are a few dozen of them, with a megabyte in all."""
    packing = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    return packing.compress(Path(path).read_bytes()) + packing.flush()


@router.get("/favicon.ico")
async def favicon(request: Request) -> Response:
    """The icon that browsers ask for unasked."""
    return await _files().get_response("icon.svg", request.scope)
