"""Looking at what a client sent without taking it away from whoever answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Message, Receive


class ClientDisconnected(Exception):
    """The client has closed the connection."""


class PeekingReceive:
    """A `receive` of ASGI that can be looked into: what was seen comes again for the application.

    Args:
        receive: That of the server.
    """

    __slots__ = ("_receive", "_seen")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen: list[Message] = []

    async def __call__(self) -> Message:
        """The next message."""
        return self._seen.pop(0) if self._seen else await self._receive()

    def raise_if_disconnected(self) -> None:
        """Raise ClientDisconnected if the client has closed the connection.

        Without waiting: a client may have announced a body that never comes.
        """
        if not self._is_over:
            message = self._receive().__await__()
            try:
                next(message)
            except StopIteration as answer:
                self._seen.append(answer.value)
            else:
                message.close()
        if self._is_over:
            raise ClientDisconnected

    @property
    def _is_over(self) -> bool:
        return bool(self._seen) and self._seen[-1]["type"] == "http.disconnect"
