"""The plan of maps of one layer: GetMap requests that differ by box and size alone take the lane of tiles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from config.errors import GraticuleError
from services.apis.wms.map_request import GEOTIFF, PNG8, pixels
from services.drawing.backgrounds import encode_over
from services.drawing.formats import named
from services.drawing.maps import draw_plain_map
from services.drawing.pictures import encode_geotiff, encode_indexed
from services.drawing.rendering import FILES
from services.drawing.tiles.plans import PLAN_BYTES
from services.drawing.tiles.turns import Pace
from services.ows.kvp import Keywords

if TYPE_CHECKING:
    from cog.tiles.encode import Picture
    from services.apis.wms.map_request import MapRequest
    from services.drawing.freshness import Freshness
    from services.drawing.maps import MapDrawing
    from services.drawing.tiles.paths import SplitPath
    from services.selection.viewports import Viewport
    from services.web.context import Context

MOST_PIXELS: Final = 512 * 512
"""Pixels of a map in the lane: larger ones, which take a processor for long, take places of computations."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GetMapPlan:
    """All that maps of one layer have in common.

    Attributes:
        context: Of the application.
        request: The first of them.
        drawing: Its drawing.
        freshness: All that its entity tag depends on, except the place.
        pace: The time that they take.
    """

    context: Context
    request: MapRequest
    drawing: MapDrawing
    freshness: Freshness
    pace: Pace = field(default_factory=Pace)

    @property
    def memory(self) -> int:
        """Bytes that it takes, about; painters are kept beside it."""
        return PLAN_BYTES

    def place(self, texts: tuple[str, ...]) -> Viewport | None:
        """The pixels that box, columns and rows name; None for a fault, and for more than MOST_PIXELS."""
        keywords = Keywords(dict(zip(("bbox", "width", "height"), ([text] for text in texts), strict=True)))
        try:
            view = pixels(keywords, self.request.view.reference, self.request.version)
        except GraticuleError:
            return None
        return view if view.grid.width * view.grid.height <= MOST_PIXELS else None

    def identity(self, split: SplitPath, place: Viewport) -> str:
        """The path and the pixels."""
        return map_identity(split.identity, place)

    def draw(self, place: Viewport) -> bytes | None:
        """Draw and encode the map; None where that takes a warp. Raises TooLarge."""
        picture = draw_plain_map(self.context, replace(self.drawing, view=place))
        return None if picture is None else encode_map(picture, replace(self.request, view=place))

    def raw_headers(self, place: Viewport, length: int) -> list[tuple[bytes, bytes]]:
        """Headers of the content, as ASGI has them."""
        del place
        return [(b"content-type", self.request.format.encode()), (b"content-length", str(length).encode())]


def map_identity(path: str, view: Viewport) -> str:
    """What the entity tag of a map names it by: the path of the service, and the pixels."""
    grid = view.grid
    return f"{path} {grid.crs} {grid.transform} {grid.width} {grid.height}"


def encode_map(picture: Picture, request: MapRequest) -> bytes:
    """A picture over the background, in the format of a request."""
    if request.format == PNG8:
        return encode_indexed(picture, request.background)
    if request.format == GEOTIFF:
        return encode_geotiff(picture, request.background, request.view.grid)
    return encode_over(picture, request.background, FILES[named(request.format.removeprefix("image/"))])
