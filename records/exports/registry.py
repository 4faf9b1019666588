"""The formats of export by the name that `f` says."""

from __future__ import annotations

from typing import Final

from records.exports import bibtex, csl, datacite, dcat, dublin_core, gbt7714, iso19139, ris, schemaorg
from records.exports.protocol import Export

_METADATA: Final = (iso19139.EXPORT, dcat.EXPORT, schemaorg.EXPORT, datacite.EXPORT, dublin_core.EXPORT)
_CITATIONS: Final = (bibtex.EXPORT, ris.EXPORT, csl.EXPORT, gbt7714.EXPORT)

EXPORTS: Final[dict[str, Export]] = {export.name: export for export in (*_METADATA, *_CITATIONS)}
"""Of several of one media type, the first answers a client that names no profile."""
