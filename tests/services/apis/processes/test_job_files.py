"""Maps of a job over HTTP: written by its parts, served by byte ranges, published with a token alone."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import rasterio
from PIL import Image

from config.grids import CRS84, Grid
from records.access.tokens import PUBLISH, WRITE, TokenStore
from services.compute.staging import job_folder
from tests.support.jobs import ASYNC, wait_for
from tests.support.rasters import publication

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi.testclient import TestClient

EXECUTION = "/processes/air-sea-co2-flux/execution"
GRID = Grid(crs=CRS84, transform=(1.0, 0.0, 100.0, 0.0, -1.0, 10.0), width=4, height=2)
INPUTS: dict[str, Any] = {
    "sst": {"collection": "job-files-sst"}, "salinity": 35, "wind": 7, "wind_is": "rms", "dpco2": 20,
}  # fmt: skip


@pytest.fixture(scope="module")
def fluxing(processing: TestClient) -> TestClient:
    context = processing.app.state.context  # type: ignore[attr-defined]
    values = np.full((2, 4), 20.0, "float32")
    context.catalogue.repository.publish(
        publication(context.store, "job-files-sst", {"2020-01": values}, GRID, unit="degC")
    )
    return processing


def secret(client: TestClient, name: str, scope: str) -> dict[str, str]:
    engine = client.app.state.context.catalogue.repository.engine  # type: ignore[attr-defined]
    return {"Authorization": f"Bearer {TokenStore(engine).create(name, [scope])[1]}"}


def test_a_map_of_a_job_is_a_file_that_is_served_by_ranges(fluxing: TestClient, tmp_path: Path) -> None:
    started = fluxing.post(EXECUTION, json={"inputs": INPUTS, "outputs": {"flux": {}}}, headers=ASYNC)
    assert started.status_code == 201, started.text
    wait_for(fluxing, f"/jobs/{started.json()['jobID']}", "successful", seconds=60)
    [link] = fluxing.get(f"/jobs/{started.json()['jobID']}/results").json()["maps"]
    path = link["href"].removeprefix("http://localhost:8080")
    whole = fluxing.get(path)
    assert (whole.status_code, len(whole.content)) == (200, link["bytes"])
    assert whole.headers["content-type"].startswith("image/tiff; application=geotiff")
    part = fluxing.get(path, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, whole.content[:4])
    assert fluxing.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    (tmp_path / "a.tif").write_bytes(whole.content)
    with rasterio.open(tmp_path / "a.tif") as raster:
        flux = raster.read(1)
    assert (flux == flux[0, 0]).all()
    assert 0.5 < flux[0, 0] < 5
    job = path.split("/")[2]
    assert fluxing.get(f"/jobs/{job}/files/0/none.tif").status_code == 404
    assert fluxing.get(f"/jobs/{job}/files/0/%2e%2e").status_code in (400, 404)
    fluxing.delete(f"/jobs/{job}")
    assert fluxing.get(path).status_code == 404
    assert not job_folder(fluxing.app.state.context.store, job).exists()  # type: ignore[attr-defined]


def test_publishing_needs_a_token_with_its_scope(fluxing: TestClient) -> None:
    body = {"inputs": INPUTS | {"publish": {"id": "job-files-flux", "title": "Flux"}}, "outputs": {"flux": {}}}
    writer, publisher = secret(fluxing, "job-files-writer", WRITE), secret(fluxing, "job-files-publisher", PUBLISH)
    assert fluxing.post(EXECUTION, json=body).status_code == 401
    assert fluxing.post(EXECUTION, json=body, headers=writer).status_code == 403
    assert fluxing.get("/collections/job-files-flux").status_code == 404
    started = fluxing.post(EXECUTION, json=body, headers={**publisher, **ASYNC})
    assert started.status_code == 201, started.text
    job = f"/jobs/{started.json()['jobID']}"
    wait_for(fluxing, job, "successful", seconds=60)
    link = fluxing.get(job + "/results").json()
    assert link["collection"] == "http://localhost:8080/collections/job-files-flux"
    asset = fluxing.get(link["maps"][0]["href"].removeprefix("http://localhost:8080"))
    assert (asset.status_code, len(asset.content)) == (200, link["maps"][0]["bytes"])
    assert fluxing.get("/collections/job-files-flux/map?width=64").status_code == 200
    assert fluxing.get("/collections/records/items/job-files-flux").status_code == 200
    assert fluxing.post(EXECUTION, json=body, headers=publisher).status_code == 409


def test_a_join_works_in_stages_on_the_cluster_and_its_files_are_a_side_of_the_next(fluxing: TestClient) -> None:
    points = {"type": "MultiPoint", "coordinates": [[100.5, 9.5], [50, 50]]}
    features = [
        {"type": "Feature", "id": number, "properties": {}, "geometry": {"type": "Point", "coordinates": place}}
        for number, place in enumerate(points["coordinates"])
    ]
    left = {"type": "FeatureCollection", "features": features}
    inputs = {"left": left, "right": {"collection": "job-files-sst"}, "engine": "cluster", "left_properties": ["id"]}
    job = fluxing.post("/processes/spatial-join/execution", json={"inputs": inputs}, headers=ASYNC).headers["location"]
    assert wait_for(fluxing, job, "successful", seconds=40)
    results = fluxing.get(f"{job}/results").json()
    assert (results["summary"]["pairs"], results["summary"]["unmatched"], results["summary"]["engine"]) == (
        1,
        1,
        "cluster",
    )
    [link] = results["pairs"]["value"]["files"]
    again = {"left": {"href": link["href"]}, "right": left, "left_properties": ["left_id"], "attributes_only": True}
    answer = fluxing.post(
        "/processes/spatial-join/execution",
        json={"inputs": again, "outputs": {"pairs": {"format": {"mediaType": "text/csv"}}}},
    )
    assert answer.text.split() == ["left,left_left_id,right", "0,0,0"]
    other = {"left": {"href": "http://localhost:8080/assets/a/b.tif"}, "right": left}
    assert fluxing.post("/processes/spatial-join/execution", json={"inputs": other}).status_code == 400


def test_the_page_of_a_job_shows_inputs_and_maps_and_publishes_them(fluxing: TestClient) -> None:
    body = {"inputs": INPUTS, "outputs": {"flux": {}, "plot": {}}, "response": "document"}
    started = fluxing.post(EXECUTION, json=body, headers=ASYNC)
    job = f"/jobs/{started.json()['jobID']}"
    wait_for(fluxing, job, "successful", seconds=60)
    page = fluxing.get(f"{job}?f=html").text
    assert "job-files-sst" in page  # of the inputs
    assert "kept until" in page
    [preview] = re.findall(r'src="(/jobs/[^"]+/previews/[^"]+)"', page)
    picture = fluxing.get(preview)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(picture.content)).size == (4, 2)
    assert fluxing.get(preview, headers={"If-None-Match": picture.headers["etag"]}).status_code == 304
    assert fluxing.get(preview.replace(".tif", ".csv")).status_code == 404
    assert 'src="data:image/svg+xml;base64,' in page
    assert f'action="{job}/publish"' in page

    own = {"sec-fetch-site": "same-origin"}
    fields = {"id": "job-files-published", "title": "Flux", "title_zh": "通量", "token": "wrong"}
    refused = fluxing.post(f"{job}/publish", data=fields, headers=own)
    assert (refused.status_code, "the token is unknown" in refused.text) == (401, True)
    assert 'value="job-files-published"' in refused.text
    assert "wrong" not in refused.text
    assert fluxing.post(f"{job}/publish", data=fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    fields["token"] = secret(fluxing, "job-files-page", PUBLISH)["Authorization"].removeprefix("Bearer ")
    answer = fluxing.post(f"{job}/publish", data=fields, headers=own, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    again = answer.headers["location"].partition("?")[0]
    wait_for(fluxing, again, "successful", seconds=60)
    assert fluxing.get("/collections/job-files-published?f=json&lang=zh").json()["title"] == "通量"
    assert f'action="{again}/publish"' not in fluxing.get(f"{again}?f=html").text
