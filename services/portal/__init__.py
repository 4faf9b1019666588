"""The pages people see: templates and static files of our own; no page loads anything from another host."""

from __future__ import annotations

from services.portal.static import router

__all__ = ["router"]
