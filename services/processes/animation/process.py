"""The process `animation`."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from PIL import Image

from config.errors import InvalidInput, TooLarge
from services.processes.animation.description import FRAME_MS, QUALITY, TEXTS, WIDTH
from services.processes.animation.frames import FrameLook, FramePainter
from services.processes.fields.field import ProcessField, field_of
from services.processes.fields.region import region_of
from services.processes.fields.steps import sources_of, times_of
from services.processes.maps.publication import Lineage
from services.processes.plot.question import coloring_of, pixels_of
from services.processes.protocol import cells_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from services.compute.staging import StagedFile
    from services.processes.protocol import Environment
    from services.processes.requests.execute_request import ExecuteRequest
    from services.web.context import Context

_MOST_FRAMES: Final = 2_000
_MOST_PIXELS: Final = 1_000_000_000
"""Of all pictures: about a minute of a core for each 100 million."""
_MOST_EDGE: Final = 2_000
_PART: Final = 24
"""Pictures of a part: they are in memory together."""
_LOSSLESS: Final = 100


@dataclass(frozen=True, kw_only=True)
class AnimationPart:
    """Some times in order; `cells` counts the pixels of their pictures."""

    field: ProcessField
    look: FrameLook
    times: tuple[str | None, ...]
    cells: int


@dataclass(frozen=True, kw_only=True)
class AnimationPlan:
    """A request and its parts; `range` is that of the colours at every time."""

    field: ProcessField
    times: tuple[str | None, ...]
    range: tuple[float, float]
    parts: tuple[AnimationPart, ...]


class Animation:
    """Times of a field as an animated picture."""

    description: ClassVar[Mapping[str, Any]] = TEXTS.english
    chinese: ClassVar[Mapping[str, tuple[str, str]]] = TEXTS.chinese

    def require(self, request: ExecuteRequest, context: Context) -> int:
        """The field and its times are there, and the pictures are not too many."""
        return cells_of(plan_animation(request.inputs, context))

    def plan(self, request: ExecuteRequest, environment: Environment) -> AnimationPlan:
        """Parts of some pictures each."""
        return plan_animation(request.inputs, environment.context)

    def part(self, part: AnimationPart, environment: Environment) -> StagedFile:
        """Draw pictures, and keep them without loss in one file."""
        painter = FramePainter(environment.context, part.field, part.look)
        frames = []
        for number, time in enumerate(part.times):
            frames.append(painter.draw(time))
            environment.report(95 * (number + 1) / len(part.times), "Drawing")

        def write(path: Path) -> None:
            frames[0].save(
                path, "WEBP", save_all=True, append_images=frames[1:], lossless=True, quality=0, method=0,
                minimize_size=False, allow_mixed=False, duration=100,
            )  # fmt: skip

        return environment.staging.write("frames.webp", write)

    def combine(
        self, request: ExecuteRequest, plan: AnimationPlan, results: Sequence[StagedFile], environment: Environment
    ) -> Mapping[str, Any]:
        """Put the pictures together."""
        environment.report(0, "Encoding")
        lineage = Lineage(process="animation", version="1.0.0", fields=(plan.field,), parameters={})
        outputs: dict[str, Any] = {
            "frames": {
                "times": list(plan.times),
                "range": list(plan.range),
                "unit": plan.field.unit,
                "lineage": lineage.sentences,
            }
        }
        if "animation" in request.outputs:
            paths = [environment.context.store / file.href for file in results]
            outputs["animation"] = _encoded(paths, request.inputs)
        for file in results:
            (environment.context.store / file.href).unlink(missing_ok=True)
        return outputs


def plan_animation(inputs: Mapping[str, Any], context: Context) -> AnimationPlan:
    """Plan an animation; raises InvalidInput, TooLarge, and what the field and its times raise."""
    field = field_of("field", inputs["field"], context)
    coloring = coloring_of(inputs, field)
    sources = sources_of(context, field, times_of(inputs.get("datetime")), default="all")
    if sources[0].time is None:
        raise InvalidInput("field: the collection has no times; take process plot for a map")
    chosen = sources[:: int(inputs.get("every", 1))]
    look = _look(inputs, field, region_of(sources[0].grid, inputs.get("bbox")), coloring.range)
    pixels = look.size[0] * look.size[1]
    if len(chosen) > _MOST_FRAMES or pixels * len(chosen) > _MOST_PIXELS:
        raise TooLarge(
            f"{len(chosen)} pictures of {look.size[0]} x {look.size[1]} pixels, {pixels * len(chosen)} in all, are "
            f"more than {_MOST_FRAMES} pictures or {_MOST_PIXELS} pixels: give a smaller width, a larger every or a "
            "shorter datetime"
        )
    times = tuple(source.time for source in chosen)
    parts = tuple(
        AnimationPart(
            field=field,
            look=look,
            times=times[start : start + _PART],
            cells=pixels * len(times[start : start + _PART]),
        )
        for start in range(0, len(times), _PART)
    )
    return AnimationPlan(field=field, times=times, range=coloring.style_range, parts=parts)


def _look(inputs: Mapping[str, Any], field: ProcessField, area: Any, range_: tuple[float, float] | None) -> FrameLook:
    assert field.selection is not None
    width = int(inputs.get("width", WIDTH))
    west, south, east, north = area.bounds
    height = max(1, round(width * (north - south) / (east - west)))
    if height > _MOST_EDGE:
        raise TooLarge(f"the map would be {height} pixels high, the limit is {_MOST_EDGE}: give a smaller width")
    language, title = inputs.get("language", "en"), field.selection.dataset.title
    return FrameLook(
        pixels=pixels_of(area, max(width, height)),
        size=(width, height),
        style=inputs.get("style"),
        colormap=str(inputs["colormap"]).lower() if "colormap" in inputs else None,
        range=range_,
        title=inputs.get("title") or title.get(language) or title.get("en") or field.selection.dataset.id,
        has_coast=inputs.get("coast", True),
        language=language,
    )


def _encoded(paths: Sequence[Path], inputs: Mapping[str, Any]) -> bytes:
    """The pictures of some files one after the other, read one by one."""
    quality, duration = int(inputs.get("quality", QUALITY)), int(inputs.get("frame_ms", FRAME_MS))
    options: dict[str, Any] = {"lossless": True} if quality == _LOSSLESS else {"quality": quality}
    first, *others = (Image.open(path) for path in paths)
    content = io.BytesIO()
    first.save(
        content, "WEBP", save_all=True, append_images=others, duration=duration, loop=0, method=2, **options
    )  # fmt: skip
    for image in (first, *others):
        image.close()
    return content.getvalue()
