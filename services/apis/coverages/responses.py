"""Headers that answers with coverages, maps and values share."""

from __future__ import annotations

from services.front.extent import rfc3339


def moment_header(labels: list[str]) -> dict[str, str]:
    """Content-Datetime of times in order, where the Gregorian calendar has them (OGC 19-087, core/response-headers)."""
    ends = [rfc3339(label) for label in dict.fromkeys((*labels[:1], *labels[-1:]))]
    if not ends or None in ends:
        return {}
    return {"Content-Datetime": "/".join(end for end in ends if end)}
