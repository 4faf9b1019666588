"""A file as a response, whole or by byte ranges (RFC 9110, 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import FileResponse

from services.web.transfer import ranges

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class RangedFileResponse(FileResponse):
    """Starlette's file response with our own reading of Range: Starlette answers 400 where a header must be ignored."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, the requested ranges, or 416."""
        header = Headers(scope=scope).get("range")
        assert self.stat_result is not None
        others = [(name, value) for name, value in scope["headers"] if name != b"range"]
        if header is not None:
            try:
                byte_ranges = ranges.parse(header, self.stat_result.st_size)
            except ranges.Unsatisfiable:
                await ranges.unsatisfiable(self.stat_result.st_size)(scope, receive, send)
                return
            if byte_ranges is not None:
                others.append((b"range", ranges.as_header(byte_ranges).encode()))
        await super().__call__({**scope, "headers": others}, receive, send)
