"""Dask's workers log in our format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.compute.cluster_client import connect
from services.compute.cluster_plugins import ClusterLogging

if TYPE_CHECKING:
    from config.settings import DaskSettings


def _formatters() -> list[str]:
    import logging

    handlers = [*logging.getLogger().handlers, *logging.getLogger("distributed").handlers]
    return [type(handler.formatter).__name__ for handler in handlers]


def test_the_workers_of_a_cluster_log_as_we_do(dask: DaskSettings) -> None:
    client: Any = connect(dask)
    try:
        client.register_plugin(ClusterLogging(level="info", style="json"))
        assert set(map(tuple, client.run(_formatters).values())) == {("JsonFormatter",)}
        client.unregister_worker_plugin(ClusterLogging.name)
    finally:
        client.close(timeout=2)
