"""The access to the data of a dataset: as declared, else as its record says, else open."""

from __future__ import annotations

from config.declarations.datasets import AccessDeclaration
from records.datasets.models import Access, Origin
from records.documents.documents import access_of
from services.ingest.publishing.record_matching import MatchedRecord


def access_for(
    declaration: AccessDeclaration | None, record: MatchedRecord, *, origin: Origin | None, published: Access | None
) -> Access:
    """The access of a dataset.

    Args:
        declaration: What its declaration says.
        record: Its record.
        origin: What it was made with before.
        published: The access that it has; None if it is not published, or is replaced.

    A record that came to the data by itself, by a harvest, does not change who reads what is published: the data's
    access holds until it is declared, or until another record is given.
    """
    if declaration is not None:
        return Access(policy=declaration.policy, embargo_until=declaration.embargo_until)
    stated_access = access_of(record.document)
    if published is None or origin is None:
        return stated_access or Access(policy="open")
    was_declared = origin.declaration.get("access") is not None
    is_new_record = record.given is not None and record.given != origin.joined
    if stated_access is not None and (was_declared or is_new_record):
        return stated_access
    return Access(policy="open") if was_declared else published
