"""How far a stage of an ingest has come, counted over its pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.ingest.models import Progress, silent

if TYPE_CHECKING:
    from services.ingest.models import Listener, Stage


class Counter:
    """Counts the pieces of a stage, and tells a listener of each step forward, and of the start.

    Args:
        listener: Told of progress.
        dataset_id: The dataset.
        stage: What is done with its pieces.
        total: How many pieces there are.
    """

    def __init__(
        self, listener: Listener = silent, dataset_id: str = "", stage: Stage = "reading", total: int = 0
    ) -> None:
        self._listener, self._dataset_id, self._stage, self._total = listener, dataset_id, stage, total
        self._done = 0
        self._begun: dict[int, float] = {}
        self._tell()

    def advance(self, index: int, share: float) -> None:
        """Of the piece of that number this share is done, 0 to 1."""
        self._begun[index] = min(max(share, 0.0), 1.0)
        self._tell()

    def finish(self, index: int = 0) -> None:
        """The piece of that number is done, or will not be."""
        self._begun.pop(index, None)
        self._done += 1
        self._tell()

    def _tell(self) -> None:
        begun = sum(self._begun.values())
        self._listener(
            Progress(dataset=self._dataset_id, stage=self._stage, done=self._done, total=self._total, begun=begun)
        )
