"""What a job publishes and its success are one commit: neither is ever there without the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from config.errors import CollectionNotFound, Conflict
from config.grids import CRS84, Grid
from records.jobs.job_store import Jobs
from services.compute.execution import RUN_ALONE, Execution, execute
from services.processes import registry
from services.processes.requests import validation
from tests.support.processes import answer_here, context_of
from tests.support.rasters import publication

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.web.context import Context
    from tests.support.database import Server

GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 0.0, 0.0, -1.0, 4.0), width=4, height=4)
INPUTS = {"field": {"collection": "source"}, "cell": [2, 2], "extent": [0, 0, 4, 4]}


@pytest.fixture(scope="module")
def context(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """A collection of one map."""
    with context_of(server, tmp_path_factory.mktemp("commit")) as context:
        cells = np.arange(16, dtype="float32").reshape(4, 4)
        made = publication(context.store, "source", {"2020-01": cells}, GRID, nodata=np.nan, unit="1")
        context.catalogue.repository.publish(made)
        yield context


def run(context: Context, inputs: dict[str, Any], *, is_wanted: bool = True) -> tuple[str, Any]:
    """Have a child run a job of regrid, whose outcome nobody takes; returns the id and the outcome."""
    jobs = Jobs(context.catalogue.repository.engine)
    request = validation.check({"inputs": inputs}, registry.process("regrid").description)
    job_id = jobs.create("regrid", request.encode(), most_alive=10)
    jobs.start(job_id)
    if not is_wanted:
        jobs.dismiss(job_id)
    execution = Execution(
        job_id=job_id,
        process_id="regrid",
        request=request.encode(),
        memory_bytes=None,
        config=registry.execution_config(context.settings),
    )
    return job_id, execute(RUN_ALONE, execution, tick=lambda _: True)


def test_a_job_whose_child_has_published_has_its_result_though_nobody_hears_of_it(context: Context) -> None:
    job_id, outcome = run(context, INPUTS | {"publish": {"id": "kept", "title": "Kept"}})
    jobs = Jobs(context.catalogue.repository.engine)
    assert (outcome.is_kept, jobs.get(job_id).status) == (True, "successful")
    assert b"/collections/kept" in jobs.result(job_id)[0]
    [granule] = context.catalogue.repository.granules("kept")
    assert (context.store / granule.asset.href).exists()
    assert granule.asset.href.encode() in jobs.result(job_id)[0]


def test_a_job_that_is_no_longer_wanted_publishes_nothing(context: Context) -> None:
    publish = {"id": "unwanted", "title": "Unwanted"}
    _, outcome = run(context, INPUTS | {"publish": publish}, is_wanted=False)
    assert "nothing is published" in outcome.error["detail"]
    with pytest.raises(CollectionNotFound):
        context.catalogue.repository.dataset("unwanted", hidden=True)


def test_maps_are_not_published_under_the_id_of_a_record(context: Context) -> None:
    series = {"field": {"collection": "source"}, "points": [[1, 1]]}
    answer_here(
        context, "time-series", series | {"publish": {"id": "a-record", "title": "R"}}, outputs_={"publication": {}}
    )
    with pytest.raises(Conflict, match="there is a record a-record already"):
        answer_here(context, "regrid", INPUTS | {"publish": {"id": "a-record", "title": "Maps"}})
