"""The formats of export by the name that `f` says."""

from __future__ import annotations

from typing import Final

from records.exports import dublin_core, iso19139
from records.exports.protocol import Export

EXPORTS: Final[dict[str, Export]] = {export.name: export for export in (iso19139.EXPORT, dublin_core.EXPORT)}
