"""The demo's log leaves room for its links."""

from __future__ import annotations

import pytest

from config import settings as configuration
from services.cli.service.demo import quiet
from services.cli.service.serve import with_server


@pytest.mark.parametrize(("variable", "level"), [(None, "warning"), ("info", "info"), ("error", "error")])
def test_the_demo_logs_warnings_unless_a_level_is_set(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, level: str
) -> None:
    if variable:
        monkeypatch.setenv("GRATICULE_LOG_LEVEL", variable)
    settings = with_server(configuration.load(), port=8081, host=None, workers=None)
    assert quiet(settings).log_level == level
