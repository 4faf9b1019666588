"""pygeoapi's configuration inside the application: plugins over its live objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.vocabulary import JSON
from records.jobs.job_store import Jobs
from services.compute.link import ClusterLink
from services.processes import registry
from services.processes.executions import Executions
from services.pygeoapi.live_object import LiveObject
from services.pygeoapi.record_provider import RecordSource

if TYPE_CHECKING:
    from services.web.context import Context

RECORDS: Final = "records"
"""Id of the collection of records."""

_LANGUAGES: Final = ["en", "zh"]
"""Without territories: of zh-CN the core makes zh_CN, which Babel does not know."""


def configuration(context: Context) -> dict[str, Any]:
    """The configuration of the core in an application: one collection of records, every process, the job manager."""
    server, base_url = context.settings.server, context.settings.base_url
    party = {"name": server.title, "url": base_url, "email": server.contact}
    identification = {
        "title": server.title,
        "description": server.description,
        "keywords": [],
        "url": base_url,
        "terms_of_service": "",
    }
    return {
        "server": {
            "url": base_url,
            "mimetype": JSON,
            "encoding": "utf-8",
            "languages": _LANGUAGES,
            "pretty_print": False,
            "limits": _limits(context),
            "map": {"url": "", "attribution": ""},
            "manager": _manager(context),
        },
        "logging": {"level": "ERROR"},
        "metadata": {"identification": identification, "license": party, "provider": party, "contact": party},
        "resources": {RECORDS: _records(context), **_processes()},
    }


def _limits(context: Context) -> dict[str, Any]:
    return {"default_items": 10, "max_items": context.settings.limit.items, "on_exceed": "throttle"}


def _records(context: Context) -> dict[str, Any]:
    settings = context.settings
    source = RecordSource(
        engine=context.catalogue.repository.engine,
        base_url=settings.base_url,
        settings=settings,
        link_data=context.link_data,
    )
    provider = {
        "type": "record",
        "name": "services.pygeoapi.record_provider.RecordProvider",
        "data": LiveObject(source),
        "languages": _LANGUAGES,
        "include_extra_query_parameters": True,  # for `ids`, which is no property
    }
    return {
        "type": "collection",
        "title": RECORDS,
        "description": RECORDS,
        "keywords": [],
        "links": [],
        "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},  # no temporal one: the core would refuse times
        "limits": _limits(context),
        "providers": [provider],
    }


def _processes() -> dict[str, Any]:
    name = "services.pygeoapi.process.PublishedProcess"
    return {
        process_id: {"type": "process", "processor": {"name": name, "process": process_id}}
        for process_id in registry.process_ids()
    }


def _manager(context: Context) -> dict[str, Any]:
    settings = context.settings
    cluster = ClusterLink(registry.execution_config(settings))
    executions = Executions(Jobs(context.catalogue.repository.engine), cluster, settings, publishes=True)
    return {"name": "services.pygeoapi.manager.ApplicationJobManager", "executions": LiveObject(executions)}
