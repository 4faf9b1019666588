"""Long answers: sent piece by piece, their first piece made before the status is sent."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, cast

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from services.web.middleware.head import is_head

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from fastapi import Request

    from services.web.lanes import Lane, Lanes


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
    is reached or, without a length, before the last chunk, so that no client takes the answer for whole. A piece holds
    a place in the lane of computations while it is made, and none while it is sent.

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
    body = _in_turns(first, rest, cast("Lanes", request.app.state.lanes).computations)
    return StreamingResponse(body, media_type=media_type, headers=sized)


async def _in_turns(piece: bytes | None, rest: Iterator[bytes], lane: Lane) -> AsyncIterator[bytes]:
    while piece is not None:
        yield piece
        async with lane.turn():
            piece = await run_in_threadpool(next, rest, None)


_PIECE = 256 * 1024


def streamed_file(request: Request, file: IO[bytes], media_type: str, headers: Mapping[str, str]) -> Response:
    """Answer with an open file, which is closed at the end."""
    size = file.seek(0, 2)
    file.seek(0)
    if is_head(request):
        file.close()
        return Response(media_type=media_type, headers={**headers, "Content-Length": str(size)})
    return StreamingResponse(_pieces(file), media_type=media_type, headers={**headers, "Content-Length": str(size)})


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
