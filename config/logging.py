"""Log lines: `key=value` text for people, or one JSON object a line for machines."""

from __future__ import annotations

import json
import logging
import logging.config
from datetime import UTC, datetime
from typing import Any, Literal

LOGGERS = ("config", "cog", "records", "services", "graticule", "uvicorn")
"""Ours, and the web server's. Other libraries speak from warnings on."""


class TextFormatter(logging.Formatter):
    """`time LEVEL logger message key=value ...`, one line, then the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        pairs = "".join(f" {key}={_shown(value)}" for key, value in _fields(record).items())
        message = _one_line(record.getMessage())
        line = f"{_time(record)} {record.levelname:<7} {record.name} {message}{pairs}"
        return line + ("\n" + self.formatException(record.exc_info) if record.exc_info else "")


class JsonFormatter(logging.Formatter):
    """One JSON object: time, level, logger, message, the record's fields, and the traceback under `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        document = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            document["exception"] = self.formatException(record.exc_info)
        return json.dumps(document, ensure_ascii=False, default=str)


def configure(*, level: str, style: Literal["text", "json"]) -> None:
    """Send this process's log to stderr. Fields are given with `extra={"fields": {...}}`."""
    # nothing that our lines tell of, and looked up for each of them
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # typeshed does not know it
    formatter = JsonFormatter if style == "json" else TextFormatter
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": formatter}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
            "root": {"level": "WARNING", "handlers": ["stderr"]},
            "loggers": {
                # the access log of our own says more than uvicorn's
                **{name: {"level": level.upper(), "handlers": [], "propagate": True} for name in LOGGERS},
                "uvicorn.access": {"level": "WARNING", "handlers": [], "propagate": True},
            },
        }
    )


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = getattr(record, "fields", None)
    return fields if isinstance(fields, dict) else {}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_line(text: str) -> str:
    """Without control characters: a request must not be able to write lines of its own into the log."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _shown(value: object) -> str:
    text = _one_line(str(value))
    return json.dumps(text, ensure_ascii=False) if " " in text or '"' in text or not text else text
