"""pygeoapi's core, called in process: OGC API Records and Processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.context import Context
    from services.ogc.bridge import Bridge


def open_bridge(context: Context) -> Bridge:
    """The bridge of an application over all that pygeoapi's core serves; close it at the end."""
    from services.ogc import processes, records  # noqa: PLC0415 - pygeoapi is dear to import, and this package has light parts
    from services.ogc.bridge import make_bridge  # noqa: PLC0415

    resources = {**records.resource(context), **processes.resources()}
    return make_bridge(context, resources=resources, manager=processes.manager_config(context))
