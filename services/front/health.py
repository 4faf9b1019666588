"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from config.errors import GraticuleError
from records.database import schema
from services.web.context import ContextDep
from services.web.errors import problem

router = APIRouter(tags=["Health"])


@router.get("/healthz", operation_id="getHealth", summary="Whether the process is alive")
async def healthz() -> JSONResponse:
    """200 as long as the process answers; asks nothing of the database."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@router.get("/readyz", operation_id="getReadiness", summary="Whether the service can answer")
def readyz(context: ContextDep) -> JSONResponse:
    """200 when the database answers and its schema is this version's; else 503 with the reason."""
    headers = {"Cache-Control": "no-store"}
    try:
        revision = schema.current(context.catalogue.repository.engine)
    except (SQLAlchemyError, GraticuleError):
        return problem(503, "the database does not answer", headers=headers)
    if revision != schema.head():
        return problem(
            503, f"the database schema is at {revision}, this version needs {schema.head()}", headers=headers
        )
    return JSONResponse({"status": "ready"}, headers=headers)
