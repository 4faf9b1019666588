from __future__ import annotations

import pytest
from starlette.datastructures import QueryParams

from services.apis.records.pages.search_form import form_parameters


@pytest.mark.parametrize(
    ("fields", "parameters"),
    [
        ([("words", "ice"), ("bbox", "")], [("words", "ice")]),
        (
            [("from", "2001-01-01"), ("to", "2002-02-02")],
            [("datetime", "2001-01-01T00:00:00Z/2002-02-02T23:59:59.999999Z")],
        ),
        ([("from", "2001-01-01"), ("to", "")], [("datetime", "2001-01-01T00:00:00Z/..")]),
        ([("to", "2002-02-02"), ("datetime", "1999")], [("datetime", "../2002-02-02T23:59:59.999999Z")]),
        ([("datetime", "2002-02")], [("datetime", "2002-02-01T00:00:00Z/2002-02-28T23:59:59.999999Z")]),
        ([("datetime", "2002-02-02T01:00:00+01:00")], [("datetime", "2002-02-02T00:00:00Z")]),
        ([("q", "a"), ("q", "b")], [("q", "a"), ("q", "b")]),
    ],
)
def test_the_fields_of_the_form_mean_parameters(
    fields: list[tuple[str, str]], parameters: list[tuple[str, str]]
) -> None:
    assert form_parameters(QueryParams(fields)).multi_items() == parameters
