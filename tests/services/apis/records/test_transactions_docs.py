"""The transactions that the page on writing records shows work as shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.paths import DOCS

if TYPE_CHECKING:
    from tests.services.apis.records.conftest import Writing

PAGE = DOCS / "records-transactions.md"


def test_the_documented_transactions_answer_as_shown(writing: Writing) -> None:
    blocks = re.findall(r"^```transaction\n(.*?)^```", PAGE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    shown = [part for block in blocks for part in re.findall(r"(.*?)^=> (\d{3})\n*", block, re.MULTILINE | re.DOTALL)]
    assert len(shown) > 5
    token, tag = writing.bearer["Authorization"].removeprefix("Bearer "), ""
    for request, status in shown:
        head, _, body = request.replace("TOKEN", token).replace("ETAG", tag).partition("\n\n")
        first, *lines = head.strip().splitlines()
        method, path = first.split()
        headers = dict(line.split(": ", 1) for line in lines)
        answer = writing.client.request(method, path, headers=headers, content=body.encode() or None)
        assert answer.status_code == int(status), (first, answer.text)
        tag = answer.headers.get("etag", tag)
