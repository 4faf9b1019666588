"""What errors say in Chinese, and that the code still says what is translated."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import services
from services.web.documents.problem_words import in_chinese, is_chinese, sentences

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

_GROUP = re.compile(r"\((?:[^()]|\([^()]*\))*\)[?*+]?|\\[dSw][+*?]*|\.[+*]\??")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/collections/nothing", "没有数据集"),
        ("/collections/sst/coverage?bbox=1,2", "参数 bbox"),
        ("/collections/sst/map?datetime=yesterday", "请给出 ISO 8601 时间"),
        ("/collections/sst/position?coords=POINT(1 1)&colour=red", "此处没有参数 'colour'"),
        ("/collections/sst/styles/nothing", "没有样式"),
        ("/processes/nothing", "没有处理"),
        ("/nothing", "处没有内容"),
    ],
)
def test_an_error_is_told_in_the_language_of_the_request(sst_client: TestClient, path: str, told: str) -> None:
    chinese = sst_client.get(path, headers={"Accept-Language": "zh-CN", "Accept": "application/json"})
    english = sst_client.get(path, headers={"Accept-Language": "en", "Accept": "application/json"})
    assert told in chinese.json()["detail"]
    assert chinese.headers["content-language"] == "zh"
    assert "Accept-Language" in english.headers["vary"]
    assert not is_chinese(english.json()["detail"] + english.json()["title"])
    assert (chinese.status_code, chinese.json()["type"]) == (english.status_code, english.json()["type"])


def test_values_stand_in_the_sentence_and_unknown_sentences_as_they_are() -> None:
    assert in_chinese("f='x': choose one of json, html") == "参数 f 的值 'x' 不可用：可选：json, html"
    assert in_chinese("something else happened") == "something else happened"


def _texts() -> str:
    """Every text of the code, with the values of f-strings left out."""
    root = Path(services.__file__).parent.parent
    words = []
    for path in (p for room in ("services", "records", "cog", "config") for p in (root / room).rglob("*.py")):
        if path.name == "problem_words.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                words.append("".join(str(v.value) if isinstance(v, ast.Constant) else "\0" for v in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.append(node.value)
    return "\n".join(words)


def test_what_is_translated_is_still_said() -> None:
    code = _texts()
    stale = []
    for pattern in sentences():
        literals = [re.sub(r"\\(.)", r"\1", part) for part in _GROUP.split(pattern)]
        if max(literals, key=len).strip() not in code:
            stale.append(pattern)
    assert [one for one in stale if "Field required" not in one] == []  # which Pydantic says
