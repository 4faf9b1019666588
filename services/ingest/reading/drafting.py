"""A declaration ready to edit, drafted from what was understood of files."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence

import yaml

from cog.sources.models import SourceClass, SourceDescription, SourceVariable
from config.errors import InvalidDeclaration, SourceRefused
from services.ingest.models import shown
from services.ingest.publishing.describe import distinct_color, sentence
from services.ingest.publishing.record import minimal_record
from services.ingest.reading.inspection import InspectedSource, times_in_words
from services.ingest.reading.naming import stem_id

_MOST_CLASSES = 256
_DATE = re.compile(r"(?P<year>(?:19|20)\d\d)(?P<gap>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P<day>(?P=gap)[0-3]\d)?(?!\d)")


def draft(understood: Sequence[InspectedSource]) -> str:
    """YAML that declares what was understood of files as one dataset; what no file says stands in comments."""
    good = [one for one in understood if isinstance(one.found, SourceDescription)]
    lines = [
        f"# Drafted from {len(understood)} file{'s' if len(understood) != 1 else ''}. Edit it, then run",
        "#   graticule ingest --dataset THIS.yaml FILE...",
        *(_refused(one) for one in understood if isinstance(one.found, SourceRefused)),
        f"id: {_id(understood)}",
        *_variables(good, _id(understood)),
        *_grid(good),
        *_time(good),
        *_parts(good),
        "access: {policy: open}   # or login, apply; embargo_until: 2030-01-01",
        *_record(good, _id(understood)),
    ]
    return "\n".join(lines) + "\n"


def _refused(one: InspectedSource) -> str:
    assert isinstance(one.found, SourceRefused)
    return f"# {shown(one.path)}: {_plain(one.found.cause)}; {_plain(one.found.remedy)}"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _id(understood: Sequence[InspectedSource]) -> str:
    stems = [one.path.stem for one in understood]
    stem = os.path.commonprefix(stems) if len(stems) > 1 else stems[0]  # noqa: RUF071 - of names, not of paths
    try:
        return stem_id(stem)
    except InvalidDeclaration:
        return "my-dataset"


def _variables(good: Sequence[InspectedSource], dataset_id: str) -> Iterator[str]:
    seen: dict[str, tuple[SourceVariable, str]] = {}
    for one in good:
        for variable in _held(one):
            seen.setdefault(variable.name, (variable, one.ids[variable.name]))
    if not seen:
        yield "# variables: [{source: NAME, dims: [y, x], unit: '1'}]"
        return
    yield "variables:"
    if len(seen) > 1 and all(len(_held(one)) == 1 for one in good):  # named by their files: one quantity, or several?
        variable, _ = next(iter(seen.values()))
        yield f"  # each file has one variable: {', '.join(list(seen)[:5])}. If they are different"
        yield "  # quantities, make a dataset of each (--each)"
        yield from _variable(variable, dataset_id.replace("-", "_"), has_source=False)
        return
    for variable, id_ in seen.values():
        yield from _variable(variable, id_, has_source=True)


def _variable(variable: SourceVariable, id_: str, *, has_source: bool) -> Iterator[str]:
    grid = variable.grid
    cells = f"{grid.height} x {grid.width} cells of {variable.dtype}, times: {times_in_words(variable.steps)}"
    if has_source:
        yield f"  - source: {_scalar(variable.name)}   # {cells}"
    yield f"    id: {_scalar(id_)}" if has_source else f"  - id: {_scalar(id_)}   # {cells}"
    yield f"    title: {{en: {_scalar(sentence(variable.title if has_source else id_))}}}   # and zh: ..."
    yield _stated("unit", variable.unit, "1 where it is a ratio or a count")
    yield _stated("standard_name", variable.standard_name, "a CF standard name, if there is one")
    if variable.kind != "rgb":
        yield f"    kind: {variable.kind}"
        yield from _cells(variable)
    yield from _classes(variable)


def _stated(name: str, value: str | None, hint: str) -> str:
    return f"    {name}: {_scalar(value)}" if value else f"    # {name}: ...   # the file does not say: {hint}"


def _cells(variable: SourceVariable) -> Iterator[str]:
    """The packing of stored values, as comments: it need not be declared."""
    fill = "none" if variable.nodata is None else f"{variable.nodata:.9g}"
    packed = f"scale: {variable.scale!r}, offset: {variable.offset!r}"
    yield f"    # understood: fill: {fill}, {packed}; declare what is wrong, or a valid_range"


def _classes(variable: SourceVariable) -> Iterator[str]:
    classes = variable.classes[:_MOST_CLASSES]
    if variable.kind != "categorical" or not classes:
        return
    yield "    classes:"
    for number, one in enumerate(classes):
        title = f"{{en: {_scalar(_name(one))}}}"
        yield f"      - {{value: {one.value}, color: {_scalar(_hex(one, number))}, title: {title}}}"


def _name(one: SourceClass) -> str:
    return one.name or f"Class {one.value}"


def _hex(one: SourceClass, number: int) -> str:
    red, green, blue, alpha = one.color or distinct_color(number)
    opaque = 255
    return f"#{red:02x}{green:02x}{blue:02x}" + (f"{alpha:02x}" if alpha != opaque else "")


def _grid(good: Sequence[InspectedSource]) -> Iterator[str]:
    if not good:
        yield "# grid: {crs: OGC:CRS84, origin: [-180, 90], cell: [0.1, -0.1]}   # if the files do not state it"


def _time(good: Sequence[InspectedSource]) -> Iterator[str]:
    """A pattern that fits the names of files without times, in a comment: a number need not be a date."""
    has_times = any(step is not None for one in good for v in _held(one) for step in v.steps)
    if has_times:
        return
    pattern = date_pattern([one.path.name for one in good])
    if pattern is None:
        yield "# time: {labels: ['2006-05']}   # the files state none; or a pattern on their names"
        return
    yield f"# time: {{pattern: {_quoted(pattern)}}}   # the names look as if they held dates"


def date_pattern(names: Sequence[str]) -> str | None:
    """A pattern, as `time.pattern` takes it, that fits file names which look as if they held dates; None without."""
    matches = [_DATE.search(name) for name in names]
    if not names or not all(matches) or matches[0] is None:
        return None
    gap = re.escape(matches[0]["gap"])
    day = rf"{gap}(?P<day>\d\d)" if matches[0]["day"] else ""
    return rf"(?P<year>\d{{4}}){gap}(?P<month>\d\d){day}"


def _parts(good: Sequence[InspectedSource]) -> Iterator[str]:
    grids = {v.grid for one in good for v in _held(one)[:1]}
    if len(grids) > 1:
        yield "# parts: stem   # the files have different grids: sheets of one map?"


def _held(one: InspectedSource) -> tuple[SourceVariable, ...]:
    return one.found.variables if isinstance(one.found, SourceDescription) else ()


def _record(good: Sequence[InspectedSource], id_: str) -> Iterator[str]:
    attributes = next((one.found.attributes for one in good if isinstance(one.found, SourceDescription)), {})
    record = minimal_record(id_, attributes)
    yield "record:"
    yield f"  title: {{en: {_scalar(record.title['en'])}}}   # and zh: ..."
    if record.description:
        yield f"  description: {{en: {_scalar(record.description['en'])}}}"
    if record.keywords:
        yield f"  keywords: {{en: [{', '.join(_scalar(word) for word in record.keywords['en'])}]}}"
    for contact in record.contacts:
        yield f"  contacts: [{{name: {_scalar(contact.name)}, roles: [producer]}}]"
    yield "  # license: CC-BY-4.0   # an SPDX identifier, or other with license_url"
    yield "  # external_ids: ['doi:10.1234/abc']"


def _scalar(text: str) -> str:
    """A text as YAML on one line that reads back the same; plain where it can be."""
    literal = yaml.safe_dump(text, allow_unicode=True, width=2**30).removesuffix("\n...\n").removesuffix("\n")
    is_plain = "\n" not in literal and not set(literal) & set("{}[],#'\"") and ": " not in literal
    return literal if is_plain and yaml.safe_load(literal) == text else _quoted(text)


def _quoted(text: str) -> str:
    """A text in double quotes: a JSON string is one of YAML."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
