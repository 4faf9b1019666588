"""OGC API EDR as OWSLib asks for it."""

from __future__ import annotations

import numpy as np
from owslib.ogcapi.edr import EnvironmentalDataRetrieval

from tests.support import gridded

ROW, COLUMN = 100, 113


def test_owslib_lists_the_collections_with_data(arrays: str) -> None:
    service = EnvironmentalDataRetrieval(f"{arrays}/edr/")
    assert {"daily", "ocean", "long"} <= set(service.data())
    assert "http://www.opengis.net/spec/ogcapi-edr-1/1.0/conf/core" in service.conformance()["conformsTo"]
    described = service.collection("daily")
    assert "flux" in described["parameter_names"]


def test_owslib_reads_a_series(arrays: str) -> None:
    service = EnvironmentalDataRetrieval(f"{arrays}/edr/")
    document = service.query_data(
        "daily", "position", coords="POINT(128.4 14.9)", parameter_names=["flux"], datetime_="2001-07-01/2001-07-05"
    )
    values = np.array(document["ranges"]["flux"]["values"], dtype="float64")
    truth = gridded.physical_days()[:, ROW, COLUMN]
    np.testing.assert_allclose(values, truth, atol=1e-5, rtol=0, equal_nan=True)
