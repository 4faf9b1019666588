"""Licences of sources as SPDX identifiers."""

from __future__ import annotations

import re

_CC = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/licenses/(by(?:-nc)?(?:-nd|-sa)?)/([1-4]\.[05])(?:/.*)?", re.IGNORECASE
)
_URLS = {
    "creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
    "opendatacommons.org/licenses/odbl/1-0": "ODbL-1.0",
    "opendatacommons.org/licenses/odbl": "ODbL-1.0",
    "opendatacommons.org/licenses/by/1-0": "ODC-By-1.0",
    "opendatacommons.org/licenses/pddl/1-0": "PDDL-1.0",
    "open.canada.ca/en/open-government-licence-canada": "OGL-Canada-2.0",
    "www.nationalarchives.gov.uk/doc/open-government-licence/version/3": "OGL-UK-3.0",
    "www.apache.org/licenses/license-2.0": "Apache-2.0",
    "opensource.org/licenses/mit": "MIT",
}
_SPDX = frozenset(
    {
        "CC0-1.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0", "OGL-Canada-2.0", "OGL-UK-3.0", "OGL-UK-2.0",
        "Apache-2.0", "MIT", "etalab-2.0", "DL-DE-BY-2.0", "DL-DE-ZERO-2.0", "NLOD-2.0", "BSD-3-Clause",
        "GPL-3.0-or-later", "LGPL-3.0-or-later", "CDLA-Permissive-2.0", "PDM-1.0",
    }
)  # fmt: skip
_AT_SPDX = re.compile(
    r"https?://(?:www\.)?spdx\.org/licenses/([A-Za-z0-9][A-Za-z0-9.+-]*?)(?:\.html|\.json)?", re.IGNORECASE
)
_CC_NAME = re.compile(r"CC[- ]?(BY(?:[- ]NC)?(?:[- ](?:ND|SA))?)[- ]([1-4]\.[05])", re.IGNORECASE)


def spdx(text: str) -> str | None:
    """The SPDX identifier of a licence given by its identifier, usual name or URL; None if it is not known."""
    text = text.strip()
    if match := _CC.fullmatch(text) or _CC_NAME.fullmatch(text):
        return f"CC-{match[1].upper().replace(' ', '-')}-{match[2]}"
    if match := _AT_SPDX.fullmatch(text):
        return next((identifier for identifier in _SPDX if identifier.casefold() == match[1].casefold()), match[1])
    address = re.sub(r"^https?://|/(legalcode)?$", "", text).casefold()
    if address in _URLS:
        return _URLS[address]
    return next((identifier for identifier in _SPDX if identifier.casefold() == text.casefold()), None)
