"""The routes of `/collections/{collectionId}/zarr`: metadata, chunks, and a page with the members of each node."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Annotated, Final

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from config.errors import NotFound
from config.vocabulary import HTML, JSON
from services.access.visit import VisitDep
from services.apis.zarr.chunks import encoded_chunk, state_of
from services.apis.zarr.hierarchy import hierarchy_of
from services.apis.zarr.metadata import document_of
from services.apis.zarr.references import reference_pieces
from services.gridded.store import array_dataset
from services.web.context import Context
from services.web.lanes import ComputationRoute
from services.web.parameters import KNOWN
from services.web.transfer.ranges import ranged
from services.web.transfer.streams import streamed
from services.web.transfer.validators import not_modified, version_headers

if TYPE_CHECKING:
    from records.datasets.models import Dataset
    from services.access.decision import Decision
    from services.apis.zarr.hierarchy import Hierarchy
    from services.gridded.arrays import ArrayDataset

router = APIRouter(tags=["Zarr"], dependencies=[KNOWN], route_class=ComputationRoute)

CHUNK_TYPE: Final = "application/octet-stream"
_CHUNK: Final = re.compile(r"(?P<array>.+?)/c(?P<index>(?:/(?:0|[1-9][0-9]{0,8}))*)", re.ASCII)
_METADATA: Final = "zarr.json"


@router.get(
    "/collections/{collectionId}/references.json",
    operation_id=".collection.getReferences",
    summary="References to the blocks of the files of a collection, for kerchunk",
    response_class=Response,
    responses={200: {"description": "References, version 1.", "content": {JSON: {}}}},
)
def get_references(visit: VisitDep) -> Response:
    """Where the blocks of the COGs lie: a Zarr 2 store whose chunks are ranges of bytes of the assets."""
    dataset, decision = visit.readable()
    identity = ("references", visit.base_url)
    headers = version_headers(dataset, *identity, audience=decision.audience, cacheable=decision.cacheable)
    headers |= {"Content-Disposition": f'attachment; filename="{dataset.id}-references.json"'}
    arrays = array_dataset(visit.context, dataset)
    assets = f"{visit.base_url}/assets/{dataset.id}/"
    return not_modified(visit.request, headers) or streamed(
        visit.request, reference_pieces(arrays, visit.context.store, assets), JSON, headers
    )


@router.get(
    "/collections/{collectionId}/zarr",
    operation_id=".collection.getZarr",
    summary="The Zarr store of a collection",
    response_class=Response,
)
def get_root(visit: VisitDep) -> Response:
    """The members of the store, as a page from which clients without consolidated metadata learn them."""
    dataset, decision = visit.readable()
    return _page(visit.request, visit.context, dataset, decision, node="")


@router.get(
    "/collections/{collectionId}/zarr/{key:path}",
    operation_id=".collection.getZarrKey",
    summary="Metadata or a chunk of the Zarr store",
    response_class=Response,
    responses={200: {"description": "The object.", "content": {JSON: {}, CHUNK_TYPE: {}}}},
)
def get_key(
    visit: VisitDep,
    key: Annotated[str, Path(max_length=500, description="Key of an object, such as zarr.json or v/c/0/0/0.")],
) -> Response:
    """An object of the store. 404 for a chunk means that its times are known to be missing, so that it is all fill."""
    dataset, decision = visit.readable()
    node, _, last = key.rpartition("/")
    if last == _METADATA:
        return _metadata(visit.request, visit.context, dataset, decision, node)
    match = _CHUNK.fullmatch(key)
    if match is None:
        return _page(visit.request, visit.context, dataset, decision, node=key)
    index = tuple(int(number) for number in match["index"].split("/")[1:])
    return _chunk(visit.request, visit.context, dataset, decision, path=match["array"], index=index)


def _metadata(request: Request, context: Context, dataset: Dataset, decision: Decision, node: str) -> Response:
    document = document_of(hierarchy_of(array_dataset(context, dataset)), node)
    if document is None:
        raise NotFound(f"the store of {dataset.id} has no node {node[:80]!r}")
    body = orjson.dumps(document)
    headers = _headers(dataset, decision, body.decode())
    return not_modified(request, headers) or ranged(request, body, JSON, headers)


def _chunk(
    request: Request, context: Context, dataset: Dataset, decision: Decision, *, path: str, index: tuple[int, ...]
) -> Response:
    arrays = array_dataset(context, dataset)
    array = hierarchy_of(arrays).arrays.get(path)
    slab = None if array is None else array.slab(index)
    state = None if array is None or slab is None else state_of(array, slab)
    if array is None or slab is None or state is None:
        raise NotFound(f"the store of {dataset.id} has no chunk {path[:80]}/c/{'/'.join(map(str, index))}")
    headers = _headers(dataset, decision, state, versioned=False)
    known = not_modified(request, headers)
    if known is not None:
        return known
    return ranged(request, encoded_chunk(context, arrays, array, slab, state), CHUNK_TYPE, headers)


def _headers(dataset: Dataset, decision: Decision, state: str, *, versioned: bool = True) -> dict[str, str]:
    headers = version_headers(
        dataset, state, audience=decision.audience, cacheable=decision.cacheable, versioned=versioned
    )
    return headers | {"Accept-Ranges": "bytes"}


def _page(request: Request, context: Context, dataset: Dataset, decision: Decision, *, node: str) -> Response:
    arrays: ArrayDataset = array_dataset(context, dataset)
    hierarchy: Hierarchy = hierarchy_of(arrays)
    node = node.rstrip("/")
    if node not in hierarchy.groups and node not in hierarchy.arrays:
        raise NotFound(f"the store of {dataset.id} has nothing at {node[:80]!r}")
    here = f"{context.settings.base_url}/collections/{dataset.id}/zarr/" + (f"{node}/" if node else "")
    links = "\n".join(
        f'<li><a href="{escape(here + name)}">{escape(name)}</a></li>' for name in hierarchy.members(node)
    )
    title = escape(f"{dataset.id}/{node}")
    body = f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>\n'
    body += f"<h1>{title}</h1>\n<ul>\n{links}\n</ul>\n</body></html>\n"
    headers = _headers(dataset, decision, body)
    return not_modified(request, headers) or Response(body, media_type=HTML, headers=headers)
