"""The formats of export by the name that `f` says."""

from __future__ import annotations

from typing import Final

from records.exports.citations import bibtex, csl, gbt7714, ris
from records.exports.formats import datacite, dcat, dublin_core, iso19139, schemaorg
from records.exports.protocol import Export

_METADATA: Final = (iso19139.EXPORT, dcat.EXPORT, schemaorg.EXPORT, datacite.EXPORT, dublin_core.EXPORT)
_CITATIONS: Final = (bibtex.EXPORT, ris.EXPORT, csl.EXPORT, gbt7714.EXPORT)

EXPORTS: Final[dict[str, Export]] = {export.name: export for export in (*_METADATA, *_CITATIONS)}
"""Of several of one media type, the first answers a client that names no profile."""
