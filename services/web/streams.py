"""Long answers: sent piece by piece, their first piece made before the status is sent."""

from __future__ import annotations

from itertools import chain
from typing import IO, TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from services.web.middleware.head import is_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fastapi import Request


def streamed(
    request: Request,
    pieces: Iterable[bytes],
    media_type: str,
    headers: Mapping[str, str],
    *,
    length: int | None = None,
) -> Response:
    """Answer with bytes that are made while they are sent; HEAD makes none.

    An error of the first piece is an error of the request. One of a later piece ends the connection before the length
    is reached or, without a length, before the last chunk, so that no client takes the answer for whole.

    Args:
        request: The request.
        pieces: The bytes; iterated in threads, one call after the other.
        media_type: Media type, also the charset of text.
        headers: Further headers.
        length: Number of bytes, if it is known.
    """
    sized = {**headers, **({} if length is None else {"Content-Length": str(length)})}
    if is_head(request):
        return Response(media_type=media_type, headers=sized)
    rest = iter(pieces)
    first = next(rest, b"")
    return StreamingResponse(chain((first,), rest), media_type=media_type, headers=sized)


_PIECE = 256 * 1024


def streamed_file(request: Request, file: IO[bytes], media_type: str, headers: Mapping[str, str]) -> Response:
    """Answer with an open file, which is closed at the end."""
    size = file.seek(0, 2)
    file.seek(0)
    if is_head(request):
        file.close()
    return streamed(request, _pieces(file), media_type, headers, length=size)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
