from __future__ import annotations

import json
import logging

from config.logging import JsonFormatter, TextFormatter


def _record(message: str, **fields: object) -> logging.LogRecord:
    record = logging.LogRecord("graticule.access", logging.INFO, __file__, 1, message, (), None)
    record.fields = fields
    record.created = 0.0
    return record


def test_text_lines_hold_the_fields() -> None:
    line = TextFormatter().format(_record("request", method="GET", path="/a b", status=200))
    assert line == '1970-01-01T00:00:00.000Z INFO    graticule.access request method=GET path="/a b" status=200'


def test_a_request_cannot_write_lines_of_its_own() -> None:
    line = TextFormatter().format(_record("request\nfake", path="/x\r\nERROR all is lost\x1b[2J"))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_json_lines_are_one_object() -> None:
    document = json.loads(JsonFormatter().format(_record("请求\n", status=200)))
    assert document == {
        "time": "1970-01-01T00:00:00.000Z",
        "level": "info",
        "logger": "graticule.access",
        "message": "请求\n",
        "status": 200,
    }


def test_tracebacks_follow() -> None:
    record = _record("failed")
    try:
        int("why")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    assert "ValueError: invalid literal" in TextFormatter().format(record)
    assert "ValueError: invalid literal" in json.loads(JsonFormatter().format(record))["exception"]
