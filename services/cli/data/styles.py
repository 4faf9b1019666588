"""`graticule styles`: list colour maps and the styles of a dataset, and draw their legends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.text import Text as Painted

from config import settings as configuration
from config.errors import InvalidParameter
from records.datasets.models import Variable, text_in
from services.cli.data.datasets import catalogue
from services.cli.output import Json, print_objects
from services.drawing import colormaps
from services.drawing.legends.fonts import system_fonts
from services.drawing.legends.legend import legend_of, to_json
from services.drawing.legends.legend_layout import MAX_SIZE, MIN_SIZE, LegendOptions
from services.drawing.legends.legend_png import to_png
from services.drawing.legends.legend_svg import to_svg
from services.drawing.style_documents.reading import MAX_BYTES, read_style, style_from
from services.drawing.styles import style_of

if TYPE_CHECKING:
    from services.drawing.legends.legend import Color, Legend

app = typer.Typer(
    help="List colour maps and the styles of a dataset, import styles, and draw legends.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_STYLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", re.ASCII)
_SWATCH = 24
"""Cells of a terminal that show a colour map."""

DatasetId = Annotated[str, typer.Argument(help="Id of a dataset.")]
VariableId = Annotated[str | None, typer.Option("--variable", help="A variable; absent: every one.")]
Size = Annotated[int | None, typer.Option(min=MIN_SIZE, max=MAX_SIZE, help="Pixels; absent: what it needs.")]


@app.command("list")
def list_styles(
    dataset_id: Annotated[str | None, typer.Argument(help="Id of a dataset; absent: every colour map.")] = None,
    *,
    variable: VariableId = None,
    as_json: Json = False,
) -> None:
    """List the colour maps that styles may name, or the styles of a dataset, each with its colours."""
    if dataset_id is None:
        _list_colormaps(as_json=as_json)
        return
    with catalogue(configuration.load()) as repository:
        dataset = repository.dataset(dataset_id)
    variables = [dataset.variable(variable)] if variable else list(dataset.variables)
    legends = [(v, legend_of(v, style_of(v, style.id))) for v in variables for style in v.styles]
    if as_json:
        print_objects({"variable": one.id, **to_json(legend_, language="en")} for one, legend_ in legends)
        return
    for variable_, legend_ in legends:
        _show(f"{variable_.id}\t{legend_.style}\t", _colors(legend_), f"\t{_meaning(variable_, legend_)}")


def _list_colormaps(*, as_json: bool) -> None:
    names = colormaps.names()
    if as_json:
        print_objects({"name": name, "source": colormaps.source(name)} for name in names)
        return
    for name in names:
        table = colormaps.table(name)
        note = ", a few distinct colours" if colormaps.is_for_categories(name) else ""
        _show(
            f"{name:<20}", [table[n * 255 // (_SWATCH - 1)] for n in range(_SWATCH)], f" {colormaps.source(name)}{note}"
        )


def _colors(legend_: Legend) -> list[Color]:
    if legend_.entries:
        return [entry.color for entry in legend_.entries[:_SWATCH]]
    return [legend_.color_at(n / (_SWATCH - 1)) for n in range(_SWATCH)] if legend_.range else []


def _meaning(variable: Variable, legend_: Legend) -> str:
    title = text_in(variable.style(legend_.style).title)
    if legend_.entries:
        return f"{len(legend_.entries)} classes\t{title}"
    if legend_.range is None:
        return f"true colour\t{title}"
    low, high = legend_.range
    return f"{legend_.colormap or 'imported'}\t{low:g} to {high:g} {legend_.unit or ''}\t{legend_.scale}\t{title}"


@app.command()
def legend(
    dataset_id: DatasetId,
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write: .png, .svg or .json.")],
    *,
    variable: Annotated[str | None, typer.Option(help="A variable; absent: the first.")] = None,
    style: Annotated[str, typer.Option(help="A style of it.")] = "default",
    lang: Annotated[Literal["en", "zh"], typer.Option(help="Language of the texts.")] = "en",
    orientation: Annotated[Literal["horizontal", "vertical"], typer.Option(help="How it runs.")] = "horizontal",
    width: Size = None,
    height: Size = None,
    transparent: Annotated[bool, typer.Option("--transparent", help="No white ground.")] = False,
) -> None:
    """Draw the legend of a style."""
    with catalogue(configuration.load()) as repository:
        shown_variable = repository.dataset(dataset_id).variable(variable)
    options = LegendOptions(language=lang, orientation=orientation, width=width, height=height, transparent=transparent)
    drawing = legend_of(shown_variable, style_of(shown_variable, style))
    output.write_bytes(_encoded(drawing, options, output.suffix))
    _print(str(output))


@app.command("import")
def import_style(
    file: Annotated[Path, typer.Argument(help="SLD 1.0 or 1.1, or QML of QGIS.")],
    *,
    dataset: Annotated[str, typer.Option(help="Id of the dataset.")],
    variable: Annotated[str | None, typer.Option(help="A variable; absent: the first.")] = None,
    style_id: Annotated[str | None, typer.Option("--id", help="Id of the style; absent: the name of the file.")] = None,
    title: Annotated[str | None, typer.Option(help="Its title; absent: that of the file, else the id.")] = None,
) -> None:
    """Import a style of other programs: it shows in maps, legends and every service, and outlives ingests."""
    name = _identifier(file.stem.lower().replace(" ", "-") if style_id is None else style_id)
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)  # one more, which is refused
    except OSError as error:
        raise InvalidParameter("FILE", str(file), f"it cannot be read: {error.strerror}; name a style") from error
    read = read_style(data, str(file))
    with catalogue(configuration.load()) as repository:
        subject = repository.dataset(dataset, hidden=True).variable(variable)
        style = style_from(read, subject, style_id=name, title=title)
        repository.keep_style(dataset, subject.id, style)
    _print(f"{dataset}\t{subject.id}\t{name}\t{len(style.stops)} colours, {style.shading}")
    for note in read.notes:
        typer.echo(f"{file}: {note}", err=True)


@app.command("remove")
def remove_style(
    dataset_id: DatasetId,
    style: Annotated[str, typer.Argument(help="Id of an imported style.")],
    *,
    variable: Annotated[str | None, typer.Option(help="A variable; absent: the first.")] = None,
) -> None:
    """Remove an imported style; those of the declaration stay."""
    with catalogue(configuration.load()) as repository:
        subject = repository.dataset(dataset_id, hidden=True).variable(variable)
        repository.drop_style(dataset_id, subject.id, style)
    _print(f"{dataset_id}\t{subject.id}\t{style}\tremoved")


def _identifier(text: str) -> str:
    if not _STYLE_ID.fullmatch(text):
        raise InvalidParameter("--id", text, "letters, digits, - and _ are needed, at most 60, a letter or digit first")
    return text


def _encoded(legend_: Legend, options: LegendOptions, suffix: str) -> bytes:
    if suffix == ".png":
        return to_png(legend_, options, system_fonts()).content
    if suffix == ".svg":
        return to_svg(legend_, options).encode()
    if suffix == ".json":
        document: dict[str, Any] = to_json(legend_, language=options.language)
        return json.dumps(document, ensure_ascii=False, indent=2).encode()
    raise InvalidParameter("--output", suffix, "name a file that ends in .png, .svg or .json")


def _show(before: str, colors: list[Color], after: str) -> None:
    """One line with its colours: painted on a terminal, as a few hexadecimal numbers for a pipe."""
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        few = colors[:: max(1, len(colors) // 5)]
        _print(before + " ".join("#{:02x}{:02x}{:02x}".format(*color[:3]) for color in few) + after)
        return
    line = Painted(before)
    for red, green, blue, _ in colors:
        line.append(" ", style=f"on rgb({red},{green},{blue})")
    console.print(line + Painted(after))


def _print(text: str) -> None:
    typer.echo(text)
