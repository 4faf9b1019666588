"""Plans of tiles whose path alone says what they show, made before the first of them passes the framework.

What a path without a query means is little: a collection, a variable, a style, a time and a level. Passing the
framework would cost the first tile of each more than finding and drawing it. Whatever is not plain here, or wrong, is
left to the route, which also words all errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.layers import level_of, member_of
from services.access.guards import require_readable
from services.apis.tiles.tiles import path_time
from services.drawing import formats
from services.drawing.freshness import Freshness
from services.drawing.rendering import Rendering
from services.drawing.styles import style_of
from services.drawing.tiles.matrices import address, footprint_of
from services.drawing.tiles.matrix_sets import WEB_MERCATOR_QUAD, builtin, builtin_ids
from services.drawing.tiles.plans import Planning
from services.drawing.tiles.tile_plan import plan_of
from services.selection.opening.pictures import picture_source
from services.selection.selection import SelectionRequest, resolve

if TYPE_CHECKING:
    from titiler.core.resources.enums import ImageType

    from services.access.principal import Principal
    from services.drawing.tiles.paths import SplitPath
    from services.web.context import Context

_LONGEST: Final = 200
_PLAIN: Final = Rendering()


@dataclass(frozen=True, kw_only=True)
class _PathWords:
    """What a path says.

    Attributes:
        collection: Id of the collection.
        granule: The granule that it means.
        style: Id of the style; None: the default one.
        matrix_set: Id of the tile matrix set.
        image: The format.
        query: The parameters that are part of the entity tag.
    """

    collection: str
    granule: SelectionRequest
    style: str | None
    matrix_set: str
    image: ImageType
    query: tuple[tuple[str, str], ...] = ()


def plan_tile(context: Context, principal: Principal, split: SplitPath) -> Planning | None:
    """Plan the tiles of a path; None for a path that only the route reads.

    Blocking: asks the database. Raises what the route raises for a request that is wrong or refused.
    """
    words = _words(split)
    if words is None or words.matrix_set not in builtin_ids():  # those of the operator are known to the route
        return None
    matrix_set = builtin(words.matrix_set)
    dataset, _ = require_readable(context, principal, words.collection)
    selection = resolve(dataset, words.granule)
    style = style_of(selection.variable, words.style)
    matrix, row, column = split.texts
    where = address(matrix_set, matrix=matrix, row=row, column=column)
    grid = selection.variable.grid
    picture = picture_source(context, selection, meeting=lambda: footprint_of(where, grid))
    if picture.depends_on_place:
        return Planning(dataset=dataset, plan=None)
    fresh = Freshness.of(picture, words.query, formats.MEDIA_TYPES[words.image])
    return Planning(dataset=dataset, plan=plan_of(picture, style, _PLAIN, words.image, matrix_set, fresh))


def _words(split: SplitPath) -> _PathWords | None:
    key = split.key
    parts = key.path.split("/")[1:]
    if any(not part or len(part) > _LONGEST for part in parts):
        return None
    if parts[0] == "xyz" and not key.query:
        return _xyz(parts[1:], key.ending)
    if parts[0] == "collections":
        return _ogc(parts[1:], key.query, key.accept)
    return None


def _xyz(parts: list[str], ending: str) -> _PathWords | None:
    """`{collection}/{variable}`, and with `{style}/{time}`, and with a level, perhaps with `@` and a member."""
    match parts:
        case [collection, variable]:
            granule, style = SelectionRequest(variable=variable), None
        case [collection, variable, style, time, *level] if len(level) <= 1:
            layer = level[0] if level else None
            when = path_time(time)
            granule = SelectionRequest(variable=variable, when=when, level=level_of(layer), member=member_of(layer))
        case _:
            return None
    image = formats.named(ending)
    return _PathWords(collection=collection, granule=granule, style=style, matrix_set=WEB_MERCATOR_QUAD, image=image)


def _ogc(parts: list[str], query: bytes, accept: bytes) -> _PathWords | None:
    """`{collection}/map/tiles/{matrix set}`, also of a style, of the dataset's first variable and latest time."""
    match parts:
        case [collection, "map", "tiles", matrix_set]:
            style = None
        case [collection, "styles", style, "map", "tiles", matrix_set]:
            pass
        case _:
            return None
    name, _, value = query.decode("latin-1").partition("=")
    if query and (name != "f" or value not in formats.NAMES):
        return None
    return _PathWords(
        collection=collection,
        granule=SelectionRequest(),
        style=style,
        matrix_set=matrix_set,
        image=formats.image_type([value] if query else None, accept.decode("latin-1")),
        query=(("f", value),) if query else (),
    )
