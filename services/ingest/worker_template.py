"""The process from which the workers of an ingest are forked; started early, it imports while its parent does."""

from __future__ import annotations

from services.compute.children.child import Template, template


def worker_template() -> Template:
    """The template of this process that has imported what the tasks on files need."""
    return template("services.ingest.file_tasks", "services.ingest.carrying")
