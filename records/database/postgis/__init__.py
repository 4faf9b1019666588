"""The embedded PostgreSQL server: a private cluster with PostGIS that belongs to one data directory.

`running` gives the URL of a running server and stops it when its last user leaves. What each module knows:

* `binaries` -- which PostgreSQL installations this machine has;
* `account` -- as whom the server runs, for root cannot run one;
* `places` -- where the cluster, its socket and its locks stand;
* `locks` -- who uses the server, and whether any of its processes lives;
* `cluster` -- making a cluster and writing its configuration;
* `server` -- starting, waiting, stopping;
* `lease` -- one user's share of the server.
"""

from __future__ import annotations

from records.database.postgis.binaries import Installation, find_installation
from records.database.postgis.lease import Status, discard, ensure, keep, release, running, server_pid, status, url_of

__all__ = [
    "Installation",
    "Status",
    "discard",
    "ensure",
    "find_installation",
    "keep",
    "release",
    "running",
    "server_pid",
    "status",
    "url_of",
]
