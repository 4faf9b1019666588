"""Entity tags and cache lifetimes of images (RFC 9110, 8.8 and 13; RFC 9111)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, ClassVar, Self

from services.web.documents.extents import moment_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from records.datasets.models import Dataset
    from services.access.decision import Audience, Decision
    from services.selection.opening.pictures import PictureSource

_LATEST_S = 60
_DATED_S = 3600


@dataclass(frozen=True, kw_only=True, eq=False)
class Freshness:
    """All that an image depends on, except its path.

    Attributes:
        dataset: As the catalogue holds it.
        checksums: Checksums of the assets that it is drawn from.
        query: The parameters of the request, in the order of their names.
        media_type: Its media type.
        time: Label of the time that is shown, or None.
        may_advance: Whether a later time may answer the same request tomorrow.
    """

    dataset: Dataset
    checksums: tuple[str, ...]
    query: str
    media_type: str
    time: str | None
    may_advance: bool

    VARY: ClassVar[str] = "Accept"

    @cached_property
    def modified(self) -> str:
        """`Last-Modified`."""
        return format_datetime(self.dataset.updated.astimezone(UTC), usegmt=True)

    @cached_property
    def _identity(self) -> bytes:
        dataset = self.dataset
        parts = (_software(), dataset.id, str(dataset.version), *self.checksums, self.query, self.media_type)
        return "\n".join((*parts, "")).encode()

    @classmethod
    def of(cls, picture: PictureSource, query: Iterable[tuple[str, str]], media_type: str) -> Self:
        """Describe the image of a picture's source, drawn with the (name, value) pairs of a query."""
        return cls(
            dataset=picture.selection.dataset,
            checksums=picture.checksums,
            query=sorted_query(query),
            media_type=media_type,
            time=picture.granules[0].time,
            may_advance=picture.selection.may_advance,
        )

    def headers(self, path: str, decision: Decision) -> dict[str, str]:
        """Headers of the image at a path, as a decision allows: its tag, age, lifetime and time."""
        return {
            "ETag": self.tag(path, decision.audience),
            "Last-Modified": self.modified,
            "Cache-Control": self.cache_control(decision),
            "Vary": self.VARY,
            **self.moment,
        }

    @cached_property
    def moment(self) -> dict[str, str]:
        """`Content-Datetime`, which says what a request of many times shows."""
        return moment_header([] if self.time is None else [self.time])

    def tag(self, path: str, audience: Audience) -> str:
        """The entity tag of the image at a path.

        It changes with the collection, the assets, the parameters, the software, and who may see the image.
        """
        return f'"{hashlib.sha256(self._identity + f"{audience}\n{path}".encode()).hexdigest()[:24]}"'

    def cache_control(self, decision: Decision) -> str:
        """`Cache-Control`: restricted images must not be cached."""
        if not decision.cacheable:
            return "private, no-store"
        return f"public, max-age={_LATEST_S if self.may_advance else _DATED_S}"


def combined_headers(parts: Sequence[dict[str, str]]) -> dict[str, str]:
    """Headers of a picture of several images, of the headers of each, the lowest first: its time, the shortest life."""
    headers = dict(parts[0])
    if len(parts) > 1:
        digest = hashlib.sha256("".join(part["ETag"] for part in parts).encode()).hexdigest()
        headers["ETag"] = f'"{digest[:24]}"'
        headers["Cache-Control"] = min((part["Cache-Control"] for part in parts), key=_lifetime)
        headers.pop("Last-Modified", None)
    return headers


def _lifetime(cache_control: str) -> int:
    """Seconds of a `Cache-Control`; what must not be stored has none."""
    _, _, seconds = cache_control.partition("max-age=")
    return int(seconds) if seconds else 0


def sorted_query(parameters: Iterable[tuple[str, str]]) -> str:
    """The parameters of a request in the order of their names and values."""
    return "&".join(sorted(f"{name}={value}" for name, value in parameters))


def is_known(fresh: dict[str, str], *, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether the client holds the same entity: by tag, compared weakly, else by date (RFC 9110, 13.1.3)."""
    if if_none_match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return bool(tags & {"*", fresh["ETag"]})
    if if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
        return since >= parsedate_to_datetime(fresh["Last-Modified"])
    except (ValueError, TypeError):  # no date, or one without a zone: the condition is ignored
        return False


@cache
def _software() -> str:
    try:
        return version("graticule")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return ""
