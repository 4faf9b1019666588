"""Who may read the data of a dataset: as declared, else as its record says, else everyone."""

from __future__ import annotations

from config.datasets import AccessDeclaration
from records.datasets.models import Access, Origin
from records.documents.documents import access_of
from services.ingest.publishing.record_matching import Joined


def access_for(
    declared: AccessDeclaration | None, joined: Joined, *, origin: Origin | None, published: Access | None
) -> Access:
    """The access of a dataset.

    Args:
        declared: What its declaration says.
        joined: Its record.
        origin: What it was made with before.
        published: The access that it has; None if it is not published, or is replaced.

    A record that came to the data by itself, by a harvest, does not change who reads what is published: the data's
    access holds until it is declared, or until another record is given.
    """
    if declared is not None:
        return Access(policy=declared.policy, embargo_until=declared.embargo_until)
    said = access_of(joined.document)
    if published is None or origin is None:
        return said or Access(policy="open")
    was_declared = origin.declaration.get("access") is not None
    is_new_record = joined.given is not None and joined.given != origin.joined
    if said is not None and (was_declared or is_new_record):
        return said
    return Access(policy="open") if was_declared else published
