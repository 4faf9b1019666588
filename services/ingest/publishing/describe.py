"""The catalogue's view of what sources hold: variables with ids, texts, classes, statistics and styles."""

from __future__ import annotations

import colorsys
import re
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from cog.sources.models import SourceClass, SourceVariable
from cog.statistics.partial import Partial, variable_statistics
from config.declarations.datasets import ClassDeclaration, DatasetDeclaration, StyleDeclaration, VariableDeclaration
from config.errors import InvalidDeclaration
from config.layers import level_of, member_of
from config.vocabulary import VARIABLE_ID
from records.datasets.models import ColorClass, LayerAxis, Statistics, Style, Variable
from services.drawing import colormaps
from services.ingest.publishing.looks import default_style, middle_range, percentile_above_zero

if TYPE_CHECKING:
    from collections.abc import Collection

    from cog.sources.models import SourceAxis

_GOLDEN = 0.618_033_988_75
MAX_CLASSES = 1024


_COLORS = Style(id="default", title={"en": "Colours", "zh": "彩色"})


def variable_id(name: str, declaration: VariableDeclaration | None) -> str:
    """The declared id, else the source's name, normalised where it is no id."""
    if declaration is not None and declaration.id is not None:
        return declaration.id
    if re.fullmatch(VARIABLE_ID, name):
        return name
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
    return plain if re.fullmatch(VARIABLE_ID, plain) else f"v_{plain}".rstrip("_")[:127]


def variable_ids(names: list[str], declaration: DatasetDeclaration) -> dict[str, str]:
    """The id of each source variable, unique without regard to case."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        base = proposed = variable_id(name, declaration.variable(name))
        number = 2
        while proposed.lower() in taken:
            proposed, number = f"{base}_{number}", number + 1
        taken.add(proposed.lower())
        ids[name] = proposed
    return ids


def with_declared_meaning(variable: SourceVariable, declaration: VariableDeclaration | None) -> SourceVariable:
    """A source variable with the title that its COGs state."""
    title = (declaration.title.get("en") or next(iter(declaration.title.values()), "")) if declaration else ""
    return replace(variable, title=title or variable.title)


def with_layers_of(variable: SourceVariable, other: SourceVariable | Variable | None) -> SourceVariable:
    """A source variable whose levels and members are those of another first, then its own further ones."""
    if other is None:
        return variable
    levels, members = _joined(variable.levels, other.levels), _joined(variable.members, other.members)
    return replace(variable, levels=levels, members=members)


def _joined(axis: SourceAxis | None, other: SourceAxis | LayerAxis | None) -> SourceAxis | None:
    if axis is None or other is None:
        return axis
    labels = tuple(dict.fromkeys((*other.labels, *axis.labels)))
    ends: dict[str, tuple[str, str]] = {}
    for one in (other, axis):
        ends |= zip(one.labels, one.bounds, strict=False)
    bounds = tuple(ends.get(label, (label, label)) for label in labels) if ends else ()
    return replace(axis, labels=labels, bounds=bounds)


def catalogue_variable(
    variable: SourceVariable, declaration: VariableDeclaration | None, *, id_: str, statistics: Partial
) -> Variable:
    """A variable as it is published. Palette entries that no cell has are left out of its classes."""
    declaration = declaration or VariableDeclaration()
    moments = variable_statistics(statistics, scale=variable.scale, offset=variable.offset)
    kind = variable.kind
    classes = _classes(variable, declaration, statistics) if kind == "categorical" else ()
    published = None if moments is None else Statistics(**vars(moments))
    positive = None
    if published is not None and kind == "continuous":
        positive = percentile_above_zero(statistics.histogram, scale=variable.scale, offset=variable.offset)
    plain = default_style(
        standard_name=variable.standard_name, unit=variable.unit, statistics=published, above_zero=positive
    )
    return Variable(
        id=id_,
        source_name=variable.name,
        title=dict(declaration.title) or {"en": sentence(variable.title)},
        unit=variable.unit,
        standard_name=variable.standard_name,
        dtype=variable.dtype,
        band_count=variable.band_count,
        nodata=variable.nodata,
        scale=variable.scale,
        offset=variable.offset,
        kind=kind,
        classes=classes,
        statistics=published,
        grid=variable.grid,
        styles=(_COLORS,) if kind == "rgb" else _styles(declaration, published, plain, has_classes=bool(classes)),
        levels=LayerAxis(**vars(variable.levels)) if variable.levels else None,
        members=LayerAxis(**vars(variable.members)) if variable.members else None,
    )


def measured_again(variable: Variable, statistics: Partial, *, layers: Collection[str | None]) -> Variable:
    """A published variable that lost granules: statistics of the others, and the levels and members that they have."""
    moments = variable_statistics(statistics, scale=variable.scale, offset=variable.offset)
    return replace(
        variable,
        statistics=None if moments is None else Statistics(**vars(moments)),
        levels=_left(variable.levels, {level_of(layer) for layer in layers}),
        members=_left(variable.members, {member_of(layer) for layer in layers}),
    )


def _left(axis: LayerAxis | None, labels: Collection[str | None]) -> LayerAxis | None:
    if axis is None:
        return None
    left = [index for index, label in enumerate(axis.labels) if label in labels]
    bounds = tuple(axis.bounds[index] for index in left) if axis.bounds else ()
    return replace(axis, labels=tuple(axis.labels[index] for index in left), bounds=bounds)


def redescribed(variable: Variable, declaration: VariableDeclaration | None) -> Variable:
    """A published variable with what a declaration says of its title, standard name, classes and styles.

    What is not declared stays. Nothing of it needs the cells.
    """
    if declaration is None:
        return variable
    classes = variable.classes
    if declaration.classes and variable.kind == "categorical":
        classes = tuple(ColorClass(value=c.value, color=_rgba(c), title=dict(c.title)) for c in declaration.classes)
    styles = variable.styles
    if declaration.styles and variable.kind != "rgb":
        plain = default_style(
            standard_name=declaration.standard_name or variable.standard_name,
            unit=variable.unit,
            statistics=variable.statistics,
        )
        styles = _styles(declaration, variable.statistics, plain, has_classes=bool(classes))
    return replace(
        variable,
        title=dict(declaration.title) or variable.title,
        standard_name=declaration.standard_name or variable.standard_name,
        classes=classes,
        styles=styles,
    )


def sentence(text: str) -> str:
    """A title as a variable shows it: it begins with a capital."""
    return text[:1].upper() + text[1:]


def _classes(variable: SourceVariable, declaration: VariableDeclaration, statistics: Partial) -> tuple[ColorClass, ...]:
    if declaration.classes:
        return tuple(ColorClass(value=c.value, color=_rgba(c), title=dict(c.title)) for c in declaration.classes)
    histogram = statistics.histogram
    present = {int(code) for code in histogram.codes} if histogram.exact else None
    classes = _combinations(variable, present) if variable.flags else variable.classes
    if any(c.color for c in classes) and present is not None:
        classes = tuple(c for c in classes if c.value in present)
    if not classes and present is not None and len(present) <= MAX_CLASSES:
        return tuple(ColorClass(value=v, color=distinct_color(i)) for i, v in enumerate(sorted(present)))
    return tuple(
        ColorClass(value=c.value, color=c.color or distinct_color(i), title={"en": c.name} if c.name else {})
        for i, c in enumerate(classes[:MAX_CLASSES])
    )


def _combinations(variable: SourceVariable, present: set[int] | None) -> tuple[SourceClass, ...]:
    """A class for each combination of flags that occurs, named by all that hold (CF conventions 3.5)."""

    def name(value: int) -> str:
        return ", ".join(f.name for f in variable.flags if value & f.mask == f.value) or "none"

    return tuple(SourceClass(value=value, name=name(value)) for value in sorted(present or ()))


def _rgba(class_: ClassDeclaration) -> tuple[int, int, int, int]:
    digits = class_.color.lstrip("#").ljust(8, "f")
    red, green, blue, alpha = (int(digits[i : i + 2], 16) for i in (0, 2, 4, 6))
    return red, green, blue, alpha


def distinct_color(index: int) -> tuple[int, int, int, int]:
    """A colour unlike those of the neighbouring indices: hues a golden section apart."""
    red, green, blue = colorsys.hsv_to_rgb(index * _GOLDEN % 1, 0.65, 0.9 - 0.2 * (index % 2))
    return round(red * 255), round(green * 255), round(blue * 255), 255


def _styles(
    declaration: VariableDeclaration, statistics: Statistics | None, plain: Style, *, has_classes: bool
) -> tuple[Style, ...]:
    """The declared styles, and a `default`: class colours, or the plain style of the quantity."""
    ends = middle_range(statistics)
    styles = [_style(style, ends) for style in declaration.styles]
    if any(style.id == "default" for style in styles):
        return tuple(styles)
    if has_classes:
        plain = Style(id="default", title={"en": "Classes", "zh": "分类"})
    return (plain, *styles)


def _style(style: StyleDeclaration, ends: tuple[float, float]) -> Style:
    _require_colormap(style)
    return Style(
        id=style.id, title=dict(style.title), colormap=style.colormap, range=style.range or ends, scale=style.scale
    )


def _require_colormap(style: StyleDeclaration) -> None:
    """Refuse a colour map that nobody could draw with; raises InvalidDeclaration, naming those of like names."""
    names = colormaps.names()
    if style.colormap not in names:
        near = ", ".join(get_close_matches(style.colormap.lower(), names, n=3, cutoff=0.5)) or "viridis"
        cause = f"style {style.id}: there is no colour map {style.colormap!r}"
        raise InvalidDeclaration(f"{cause}; near it are {near}, and `graticule styles list` shows all")
