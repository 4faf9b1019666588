"""The routes below `/erddap`: an extension each, so that an unknown one is never taken for a request of data."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from config.errors import NotFound
from config.vocabulary import CSV, HTML, NETCDF
from services.access.principal import PrincipalDep
from services.access.visit import Visit
from services.apis.opendap import dap2
from services.apis.opendap.ascii import ascii_lines
from services.apis.opendap.constraints import everything
from services.apis.opendap.faults import erddap_errors
from services.apis.opendap.griddap import documents, netcdf, tables
from services.apis.opendap.griddap.query import parse_query
from services.apis.opendap.griddap.search import PAGE, DatasetSearch, SearchDep, find
from services.apis.opendap.griddap.view import split_id, view_of
from services.gridded.store import array_dataset
from services.web.context import ContextDep
from services.web.dependencies import inline
from services.web.lanes import ComputationRoute
from services.web.parameters import KNOWN
from services.web.transfer.streams import streamed, streamed_file
from services.web.transfer.validators import not_modified, version_headers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.apis.opendap.arrays import ServedDataset
    from services.apis.opendap.griddap.query import GridQuery
from services.apis.opendap.griddap.view import GridView

router = APIRouter(tags=["ERDDAP"], route_class=ComputationRoute)
"""Routes whose query is a griddap query."""
lists = APIRouter(tags=["ERDDAP"], dependencies=[KNOWN])

VERSION: Final = "ERDDAP_version=2.23\n"
"""The version whose URLs these are."""
JSON_TYPE: Final = "application/json;charset=UTF-8"
"""Exactly as R clients compare it."""
MOST_TEXT_VALUES: Final = 5_000_000
MOST_FILE_VALUES: Final = 50_000_000
MOST_VALUES: Final = 500_000_000

ViewId = Annotated[
    str,
    Path(alias="collectionId", max_length=260, description="A collection, or a further group: collection_variable."),
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewVisit(Visit):
    """A request for a view of a collection: all variables of its first group, or the one that is named."""

    view_id: str
    variable: str | None


def view_visit(request: Request, context: ContextDep, principal: PrincipalDep, view_id: ViewId) -> ViewVisit:
    """The visit of a view; its collection is what precedes the variable in the id."""
    dataset_id, variable = split_id(view_id)
    return ViewVisit(
        request=request,
        context=context,
        principal=principal,
        collection_id=dataset_id,
        view_id=view_id,
        variable=variable,
    )


ViewVisitDep = Annotated[ViewVisit, inline(view_visit)]
DATA_EXTENSIONS: Final = ("das", "dds", "dods", "ncml", "nc", "csv", "csvp", "csv0", "json", "htmlTable", "asc", "html")


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A readable view, its arrays, and the headers of an answer about it."""

    view: GridView
    arrays: ServedDataset
    headers: dict[str, str]

    def query(self, request: Request, most: int) -> GridQuery:
        """The query of the request, refused if it asks for too many values."""
        query = parse_query(self.view, request.url.query)
        query.require_fitting(most)
        return query


def _source(visit: ViewVisit) -> _Source:
    dataset, decision = visit.readable()
    identity = (visit.request.url.path, visit.request.url.query, visit.base_url)
    headers = version_headers(dataset, *identity, audience=decision.audience, cacheable=decision.cacheable)
    view = view_of(array_dataset(visit.context, dataset), visit.variable, visit.base_url)
    return _Source(view=view, arrays=view.served(visit.context), headers=headers | {"XDODS-Server": "dods/2.0"})


@router.get("/erddap/griddap/{collectionId}.das", operation_id=".griddap.getDas", summary="griddap: attributes")
@erddap_errors
def get_das(visit: ViewVisitDep) -> Response:
    """The attributes."""
    source = _source(visit)
    source.query(visit.request, MOST_VALUES)
    return not_modified(visit.request, source.headers) or _text(source, dap2.das(source.arrays))


@router.get("/erddap/griddap/{collectionId}.dds", operation_id=".griddap.getDds", summary="griddap: types and sizes")
@erddap_errors
def get_dds(visit: ViewVisitDep) -> Response:
    """The names, types and sizes."""
    source = _source(visit)
    if visit.request.url.query:
        projections = source.query(visit.request, MOST_VALUES).projections(source.arrays, source.view)
    else:
        projections = everything(source.arrays)
    return not_modified(visit.request, source.headers) or _text(source, dap2.dds(source.view.id, projections))


def _text(source: _Source, text: str) -> Response:
    return Response(text, media_type="text/plain", headers=source.headers)


@router.get("/erddap/griddap/{collectionId}.dods", operation_id=".griddap.getDods", summary="griddap: values for DAP 2")
@erddap_errors
def get_dods(visit: ViewVisitDep) -> Response:
    """The values in XDR."""
    source = _source(visit)
    projections = source.query(visit.request, MOST_VALUES).projections(source.arrays, source.view)
    head = dap2.dds(source.view.id, projections).encode() + b"\n" + dap2.DATA
    length = len(head) + dap2.data_length(projections)
    body = chain((head,), dap2.data(projections))
    return not_modified(visit.request, source.headers) or streamed(
        visit.request, body, "application/octet-stream", source.headers, length=length
    )


@router.get("/erddap/griddap/{collectionId}.asc", operation_id=".griddap.getAsc", summary="griddap: values as text")
@erddap_errors
def get_asc(visit: ViewVisitDep) -> Response:
    """The values as DAP servers write them in text."""
    source = _source(visit)
    projections = source.query(visit.request, MOST_TEXT_VALUES).projections(source.arrays, source.view)
    body = ascii_lines(source.view.id, projections)
    return not_modified(visit.request, source.headers) or streamed(visit.request, body, "text/plain", source.headers)


@router.get("/erddap/griddap/{collectionId}.ncml", operation_id=".griddap.getNcml", summary="griddap: NcML")
@erddap_errors
def get_ncml(visit: ViewVisitDep) -> Response:
    """The description that erddapy learns the axes from."""
    source = _source(visit)
    source.query(visit.request, MOST_VALUES)
    url = f"{visit.base_url}/erddap/griddap/{visit.view_id}"
    return not_modified(visit.request, source.headers) or Response(
        documents.ncml(source.arrays, url), media_type="application/xml", headers=source.headers
    )


@router.get("/erddap/griddap/{collectionId}.nc", operation_id=".griddap.getNc", summary="griddap: NetCDF-3")
@erddap_errors
def get_nc(visit: ViewVisitDep) -> Response:
    """The values as a NetCDF-3 file."""
    source = _source(visit)
    query = source.query(visit.request, MOST_FILE_VALUES)
    unchanged = not_modified(visit.request, source.headers)
    if unchanged is not None:
        return unchanged
    headers = source.headers | {"Content-Disposition": f'attachment; filename="{visit.view_id}.nc"'}
    return streamed_file(visit.request, netcdf.written(source.view, source.arrays, query), NETCDF, headers)


@router.get("/erddap/griddap/{collectionId}.csv", operation_id=".griddap.getCsv", summary="griddap: CSV")
@router.get("/erddap/griddap/{collectionId}.csvp", operation_id=".griddap.getCsvp", summary="griddap: CSV, one head")
@router.get("/erddap/griddap/{collectionId}.csv0", operation_id=".griddap.getCsv0", summary="griddap: CSV, no head")
@erddap_errors
def get_csv(visit: ViewVisitDep) -> Response:
    """The values as comma-separated values, a row for each cell."""
    table, headers = _table(visit)
    form = visit.request.url.path.rpartition(".")[2]
    return not_modified(visit.request, headers) or streamed(visit.request, tables.csv(table, form), CSV, headers)


@router.get("/erddap/griddap/{collectionId}.json", operation_id=".griddap.getJson", summary="griddap: JSON")
@erddap_errors
def get_json(visit: ViewVisitDep) -> Response:
    """The values as ERDDAP's JSON table."""
    table, headers = _table(visit)
    return not_modified(visit.request, headers) or streamed(visit.request, tables.json(table), JSON_TYPE, headers)


@router.get("/erddap/griddap/{collectionId}.htmlTable", operation_id=".griddap.getTable", summary="griddap: a page")
@erddap_errors
def get_html_table(visit: ViewVisitDep) -> Response:
    """The values as a table for people."""
    table, headers = _table(visit)
    return not_modified(visit.request, headers) or streamed(
        visit.request, tables.html(table.names, table.units, table.rows()), HTML, headers
    )


def _table(visit: ViewVisit) -> tuple[tables.Table, dict[str, str]]:
    source = _source(visit)
    query = source.query(visit.request, MOST_TEXT_VALUES)
    return tables.Table(source.view, source.arrays, query), source.headers


_FORMS: Final[dict[str, str]] = {"csv": CSV, "json": JSON_TYPE, "html": HTML}
FormName = Annotated[str, Path(pattern="^(csv|json|html)$", description="csv, json or html.")]


@lists.get("/erddap/info/{collectionId}/index.{form}", operation_id=".griddap.getInfo", summary="ERDDAP: a dataset")
def get_info(visit: ViewVisitDep, form: FormName) -> Response:
    """The attributes of a dataset, its axes and its variables, as a table."""
    dataset, _ = visit.readable()
    view = view_of(array_dataset(visit.context, dataset), visit.variable, visit.base_url)
    return _listing(documents.INFO_COLUMNS, documents.info_rows(view, view.served(visit.context)), form)


def _listing(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], form: str) -> Response:
    if form == "csv":
        body = tables.csv_of(columns, rows)
    elif form == "json":
        body = tables.json_of(columns, rows)
    else:
        body = b"".join(tables.html(columns, ("",) * len(columns), rows))
    return Response(body, headers={"Content-Type": _FORMS[form]})


@lists.get("/erddap/info/index.{form}", operation_id=".griddap.getDatasets", summary="ERDDAP: every dataset")
@lists.get("/erddap/griddap/index.{form}", operation_id=".griddap.getGrids", summary="ERDDAP: every gridded dataset")
def get_datasets(
    context: ContextDep,
    principal: PrincipalDep,
    form: FormName,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    items: Annotated[int, Query(alias="itemsPerPage", ge=1, le=10**9)] = PAGE,
) -> Response:
    """The datasets of this interface whose data the client may read, page by page."""
    results = find(context, principal, DatasetSearch(page=page, items=min(items, PAGE)))
    return _listing(documents.LIST_COLUMNS, documents.list_rows(results, context.settings.base_url), form)


@lists.get("/erddap/search/index.{form}", operation_id=".griddap.search", summary="ERDDAP: search by words")
@lists.get("/erddap/search/advanced.{form}", operation_id=".griddap.searchMore", summary="ERDDAP: advanced search")
def search(context: ContextDep, principal: PrincipalDep, form: FormName, criteria: SearchDep) -> Response:
    """The datasets whose id or title has a text, and that meet a box, times and names of variables."""
    results = find(context, principal, criteria)
    if not results:
        raise NotFound("Your query produced no matching results; try fewer or other words")
    return _listing(documents.LIST_COLUMNS, documents.list_rows(results, context.settings.base_url), form)


@lists.get("/erddap/tabledap/index.{form}", operation_id=".griddap.getTables", summary="ERDDAP: tables: none")
def get_tables(form: FormName) -> Response:
    """There are no tables."""
    return _listing(documents.LIST_COLUMNS, (), form)


@lists.get("/erddap/version", operation_id=".griddap.getVersion", summary="ERDDAP: version")
def get_version() -> Response:
    """The version of ERDDAP whose URLs these are."""
    return Response(VERSION, media_type="text/plain")


@lists.get("/erddap/griddap/{collectionId}.html", operation_id=".griddap.getForm", summary="griddap: the form")
def get_form(visit: ViewVisitDep) -> Response:
    """The form of the dataset, which is that of OPeNDAP."""
    dataset, _ = visit.readable()
    return RedirectResponse(f"{visit.base_url}/dap/{dataset.id}.html", 303)
