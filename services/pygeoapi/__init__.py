"""pygeoapi's core, called in process: OGC API Records and Processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.pygeoapi.bridge import Bridge
    from services.web.context import Context


def open_bridge(context: Context) -> Bridge:
    """The bridge of an application over all that pygeoapi's core serves; close it at the end."""
    from services.apis.processes import processes  # noqa: PLC0415 - pygeoapi is dear to import, and this package has light parts
    from services.apis.records import records  # noqa: PLC0415
    from services.pygeoapi.bridge import make_bridge  # noqa: PLC0415

    resources = {**records.resource(context), **processes.resources()}
    return make_bridge(context, resources=resources, manager=processes.manager_config(context))
