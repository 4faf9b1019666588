"""The routes of `/dap/{collectionId}`: DAP 2, DAP 4, and a page for people.

Each extension is a route of its own, so that an unknown one is never taken for a request of data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from starlette.responses import Response

from config.vocabulary import XML
from services.access.visit import Visit, VisitDep
from services.apis.opendap import dap2, dap4
from services.apis.opendap.arrays import packed, unpacked
from services.apis.opendap.ascii import MOST_VALUES as MOST_TEXT_VALUES
from services.apis.opendap.ascii import ascii_lines
from services.apis.opendap.constraints import everything, parse_constraint
from services.apis.opendap.faults import dap2_errors, dap4_errors
from services.apis.opendap.form import form_document
from services.gridded.store import array_dataset
from services.web.documents.answers import AnswerDep
from services.web.lanes import ComputationRoute
from services.web.parameters import KNOWN
from services.web.transfer.streams import streamed
from services.web.transfer.validators import not_modified, version_headers

if TYPE_CHECKING:
    from records.datasets.models import Dataset
    from services.gridded.arrays import ArrayDataset

router = APIRouter(tags=["OPeNDAP"], route_class=ComputationRoute)
"""Routes whose query is a constraint."""
pages = APIRouter(tags=["OPeNDAP"], dependencies=[KNOWN])

MOST_VALUES: Final = 500_000_000
"""Values of one DAP 2 answer: 2 GB of Float32."""

_TEXT: Final = "text/plain"
_DAP4: Final = "application/vnd.opendap.dap4."


@dataclass(frozen=True, kw_only=True)
class _Source:
    """A readable dataset as arrays, and the headers of an answer about it."""

    dataset: Dataset
    arrays: ArrayDataset
    headers: dict[str, str]


def _source(visit: Visit, description: str) -> _Source:
    dataset, decision = visit.readable()
    identity = (visit.request.url.path, visit.request.url.query, visit.base_url)
    headers = version_headers(dataset, *identity, audience=decision.audience, cacheable=decision.cacheable)
    headers |= {"XDODS-Server": "dods/2.0", "XDAP": "2.0", "Content-Description": description}
    return _Source(dataset=dataset, arrays=array_dataset(visit.context, dataset), headers=headers)


@router.get("/dap/{collectionId}.dds", operation_id=".dap.getDds", summary="DAP 2: names, types and sizes")
@dap2_errors
def get_dds(visit: VisitDep) -> Response:
    """The dataset descriptor structure, of the constraint in the query."""
    source = _source(visit, "dods-dds")
    dataset = unpacked(visit.context, source.arrays)
    query = visit.request.url.query
    projections = parse_constraint(dataset, query, most_values=MOST_VALUES) if query else everything(dataset)
    text = dap2.dds(dataset.name, projections)
    return not_modified(visit.request, source.headers) or Response(text, media_type=_TEXT, headers=source.headers)


@router.get("/dap/{collectionId}.das", operation_id=".dap.getDas", summary="DAP 2: attributes")
@dap2_errors
def get_das(visit: VisitDep) -> Response:
    """The dataset attribute structure; it is of the whole dataset, whatever the constraint."""
    source = _source(visit, "dods-das")
    dataset = unpacked(visit.context, source.arrays)
    if visit.request.url.query:
        parse_constraint(dataset, visit.request.url.query, most_values=MOST_VALUES)
    text = dap2.das(dataset)
    return not_modified(visit.request, source.headers) or Response(text, media_type=_TEXT, headers=source.headers)


@router.get("/dap/{collectionId}.dods", operation_id=".dap.getDods", summary="DAP 2: values")
@dap2_errors
def get_dods(visit: VisitDep) -> Response:
    """The descriptor and the values of the constraint in the query: name[first:stride:last] for each dimension."""
    source = _source(visit, "dods-data")
    dataset = unpacked(visit.context, source.arrays)
    projections = parse_constraint(dataset, visit.request.url.query, most_values=MOST_VALUES)
    head = dap2.dds(dataset.name, projections).encode() + b"\n" + dap2.DATA
    length = len(head) + dap2.data_length(projections)
    return not_modified(visit.request, source.headers) or streamed(
        visit.request,
        chain((head,), dap2.data(projections)),
        "application/octet-stream",
        source.headers,
        length=length,
    )


@router.get("/dap/{collectionId}.ascii", operation_id=".dap.getAscii", summary="DAP 2: values as text")
@router.get("/dap/{collectionId}.asc", operation_id=".dap.getAsc", summary="DAP 2: values as text")
@dap2_errors
def get_ascii(visit: VisitDep) -> Response:
    """The descriptor and the values of the constraint as text."""
    source = _source(visit, "dods-ascii")
    dataset = unpacked(visit.context, source.arrays)
    projections = parse_constraint(dataset, visit.request.url.query, most_values=MOST_TEXT_VALUES)
    return not_modified(visit.request, source.headers) or streamed(
        visit.request, ascii_lines(dataset.name, projections), _TEXT, source.headers
    )


@router.get("/dap/{collectionId}.ver", operation_id=".dap.getVersion", summary="DAP 2: versions")
@dap2_errors
def get_version(visit: VisitDep) -> Response:
    """The versions of the protocol."""
    source = _source(visit, "dods-version")
    if visit.request.url.query:
        parse_constraint(unpacked(visit.context, source.arrays), visit.request.url.query, most_values=MOST_VALUES)
    text = "Core version: DAP/2.0\nServer version: dods/2.0\n"
    return Response(text, media_type=_TEXT, headers=source.headers)


@router.get("/dap/{collectionId}.dmr.xml", operation_id=".dap.getDmrXml", summary="DAP 4: description")
@router.get("/dap/{collectionId}.dmr", operation_id=".dap.getDmr", summary="DAP 4: description")
@dap4_errors
def get_dmr(visit: VisitDep) -> Response:
    """The dataset metadata response, of the constraint in `dap4.ce`."""
    source = _source(visit, "dap4-dmr")
    dataset = packed(visit.context, source.arrays)
    slices, _ = dap4.parse_query(dataset, visit.request.url.query)
    media_type = XML if visit.request.url.path.endswith(".xml") else f"{_DAP4}dataset-metadata+xml"
    return not_modified(visit.request, source.headers) or Response(
        dap4.dmr(dataset, slices), media_type=media_type, headers=source.headers
    )


@router.get("/dap/{collectionId}.dap", operation_id=".dap.getDap", summary="DAP 4: values")
@dap4_errors
def get_dap(visit: VisitDep) -> Response:
    """The description and the values of `dap4.ce`, such as /v[0:99][70][113];/time, in chunks with checksums."""
    source = _source(visit, "dap4-data")
    dataset = packed(visit.context, source.arrays)
    slices, checksums = dap4.parse_query(dataset, visit.request.url.query)
    dap4.require_fitting(slices, f"{visit.base_url}/dap/{visit.collection_id}")
    description = dap4.dmr(dataset, slices)
    return not_modified(visit.request, source.headers) or streamed(
        visit.request,
        dap4.response(description, slices, checksums=checksums),
        f"{_DAP4}data",
        source.headers,
        length=dap4.response_length(description, slices, checksums=checksums),
    )


@pages.get("/dap/{collectionId}.html", operation_id=".dap.getFormPage", summary="OPeNDAP: the form as a page")
def get_form_page(visit: VisitDep, answer: AnswerDep) -> Response:
    """The form as a page, at the address where DAP servers have it."""
    dataset, _ = visit.readable()
    arrays = array_dataset(visit.context, dataset)
    page = replace(answer, representation=replace(answer.representation, format="html"))
    return page(form_document(visit.context, arrays), "dap", dataset=dataset)


@pages.get("/dap/{collectionId}", operation_id=".dap.getForm", summary="OPeNDAP: the form of a dataset")
def get_form(visit: VisitDep, answer: AnswerDep) -> Response:
    """The address that OPeNDAP clients open; as a page, a form that writes constraints."""
    dataset, _ = visit.readable()
    arrays = array_dataset(visit.context, dataset)
    return answer(form_document(visit.context, arrays), "dap", dataset=dataset)
