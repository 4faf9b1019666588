"""The page of a dataset, beside its collection document: one variable in one style, time, level and member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from config.errors import GranuleNotFound, InvalidParameter
from config.layers import MEMBER, layer_key
from records.documents.presentation import served
from records.search import search
from records.search.holdings import files_of
from services.drawing.styles import style_of
from services.portal.pages.explorer import explorer_data
from services.portal.pages.legend import PageLegend, page_legend
from services.portal.pages.records.record_exports import export_view
from services.portal.pages.records.record_view import record_view
from services.portal.pages.snippets import Copyable, Example, View, axis_subset, examples, sample_box, urls
from services.portal.pages.time_choice import TimeChoice, time_choice
from services.web import attribution
from services.web.documents.pictures import map_url

if TYPE_CHECKING:
    from records.datasets.models import Asset, Dataset, LayerAxis, Style, Variable
    from services.web.context import Context


@dataclass(frozen=True, kw_only=True)
class PageSelection:
    """The selection in the query of a page; None: the first variable, level and member, `default`, the latest time.

    `embed` leaves all but the map out, for a frame in another page.
    """

    variable: str | None = None
    style: str | None = None
    datetime: str | None = None
    level: str | None = None
    member: str | None = None
    embed: bool = False


@dataclass(frozen=True, kw_only=True)
class PageContent:
    """The content of the page of a dataset whose data is served.

    Attributes:
        variable: The chosen variable.
        style: The chosen style of it.
        level: The chosen level; None where there are no levels.
        member: The chosen member; None where there are no members.
        legend: The style's legend.
        times: The chosen time, and how another is chosen.
        map: What the scripts need (`services.portal.pages.explorer`).
        picture: URL of the same map without scripts.
        download_box: The box that the download form asks for at first.
        download_levels: (label, as `subset` takes it) of each level.
        download_members: The same of each member.
        urls: What to copy.
        examples: How to use it.
    """

    variable: Variable
    style: Style
    level: str | None
    member: str | None
    legend: PageLegend
    times: TimeChoice
    map: dict[str, Any]
    picture: str
    download_box: str
    download_levels: tuple[tuple[str, str], ...]
    download_members: tuple[tuple[str, str], ...]
    urls: list[Copyable]
    examples: list[Example]


def collection_facts(
    document: dict[str, Any], *, context: Context, dataset: Dataset, selection: PageSelection, language: str
) -> dict[str, Any]:
    """Return what the page of a collection shows besides its document.

    Raises VariableNotFound, StyleNotFound or InvalidParameter.
    """
    is_served = document["graticule:access"]["served"]
    has_content = is_served and dataset.variables
    record = served_record(context, dataset, language, readable=is_served)
    return {
        "content": dataset_page(context, dataset, selection, language=language) if has_content else None,
        "credit": credit(dataset),
        "record": record_view(record),
        "exported": export_view(record),
        "held": files_of(context.catalogue.repository.engine, dataset) if is_served else None,
        "version": dataset.version,
    }


def dataset_page(context: Context, dataset: Dataset, selection: PageSelection, *, language: str) -> PageContent:
    """Return what the page shows of a dataset whose data is served.

    Raises VariableNotFound, StyleNotFound or InvalidParameter.
    """
    variable = dataset.variable(selection.variable or None)
    style = style_of(variable, selection.style or None)
    level = _shown(variable, variable.levels, selection.level)
    member = _shown(variable, variable.members, selection.member)
    layer = layer_key(level, member)
    repository = context.catalogue.repository
    times = time_choice(repository, dataset, variable, datetime=selection.datetime, language=language)
    base = context.settings.base_url
    view = View(
        base_url=base,
        dataset=dataset,
        variable=variable,
        style=style.id,
        time=times.time,
        layer=layer,
        file=_latest_file(context, dataset, variable, layer),
    )
    prefix = urlsplit(base).path  # URLs without a host, so that the map works under every name of this host
    return PageContent(
        variable=variable,
        style=style,
        level=level,
        member=member,
        legend=page_legend(variable, style, language=language),
        times=times,
        map=explorer_data(view, style, language=language, cell_limit=context.settings.limit.coverage_cells),
        picture=map_url(prefix, dataset, variable, style=style.id, time=times.time, layer=layer),
        download_box=sample_box(dataset),
        download_levels=_subsets("level", variable.levels),
        download_members=_subsets(MEMBER, variable.members),
        urls=urls(view),
        examples=examples(view),
    )


def _shown(variable: Variable, axis: LayerAxis | None, label: str | None) -> str | None:
    """The level or member that is shown: the one asked for, else the first."""
    if axis is None:
        return None
    if label and label not in axis.labels:
        what = "member" if axis is variable.members else "level"
        raise InvalidParameter(what, label, f"{variable.id} has the {what}s {', '.join(axis.labels[:20])}")
    return label or axis.labels[0]


def _subsets(name: str, axis: LayerAxis | None) -> tuple[tuple[str, str], ...]:
    return () if axis is None else tuple((label, axis_subset(name, label)) for label in axis.labels)


def _latest_file(context: Context, dataset: Dataset, variable: Variable, layer: str | None) -> Asset | None:
    """The file of the variable's latest granule, at a layer if it has them; the first of several sheets."""
    if layer is None:
        return next((f.asset for f in dataset.files if f.variable_id == variable.id), None)
    try:
        return context.catalogue.sheets(dataset, variable, layer=layer).granules[0].asset
    except GranuleNotFound:
        return None


@dataclass(frozen=True, kw_only=True)
class Credit:
    """Credit for a dataset: its licence with its URL, and (label, URL) of each DOI and CSTR."""

    licence: str | None
    licence_url: str | None
    identifiers: list[tuple[str, str]]


def credit(dataset: Dataset) -> Credit:
    """Return the credit for a dataset."""
    return Credit(
        licence=dataset.license,
        licence_url=attribution.licence_url(dataset),
        identifiers=[(i.label, i.url) for i in attribution.identifiers(dataset)],
    )


def served_record(context: Context, dataset: Dataset, language: str, *, readable: bool) -> dict[str, Any]:
    """Return the record of a dataset as it is served: who made it, what it says of the data, how it is cited."""
    entry = search.get(context.catalogue.repository.engine, dataset.id)
    return served(
        entry.document,
        language,
        base_url=context.settings.base_url,
        created=entry.created,
        updated=entry.updated,
        dataset=dataset,
        readable=readable,
        link_data=context.link_data,
        exports=True,
    )
