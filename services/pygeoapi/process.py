"""Published processes as processors of pygeoapi."""

from __future__ import annotations

import copy
from typing import Any

from pygeoapi.process.base import BaseProcessor, ProcessorExecuteError

from services.processes import registry
from services.processes.chinese import in_chinese


class PublishedProcess(BaseProcessor):  # type: ignore[misc]  # pygeoapi ships no types
    """A process of the registry: its description in English and Chinese, for the core to describe it by.

    Its definition's `process` is the id of the process, such as `echo`. It is executed by JobManager on the Dask
    cluster, never in pygeoapi's own process.
    """

    def __init__(self, processor_def: dict[str, Any]) -> None:
        texts = registry.texts(processor_def["process"])
        super().__init__(processor_def, _merge_languages(copy.deepcopy(texts.english), in_chinese(texts)))

    def execute(self, data: dict[str, Any], outputs: dict[str, Any] | None = None) -> tuple[str, Any]:
        """Refuse: another process manager than JobManager is configured."""
        del data, outputs
        raise ProcessorExecuteError(
            user_msg="this process executes on a Dask cluster; "
            "configure server.manager.name: services.pygeoapi.manager.JobManager"
        )


def _merge_languages(english: Any, chinese: Any) -> Any:
    """A JSON value with `{en, zh}` wherever its two translations differ, which pygeoapi translates."""
    if isinstance(english, dict):
        return {name: _merge_languages(member, chinese[name]) for name, member in english.items()}
    return english if english == chinese else {"en": english, "zh": chinese}
