"""Credit for a dataset: its attribution, licence and identifiers, wherever its data is handed out."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from records.datasets.models import Dataset

_RESOLVERS: Final = {"doi": "https://doi.org/", "cstr": "https://cstr.cn/"}
"""URL prefixes that resolve the identifiers of a scheme."""
_OTHER = "other"
"""The licence of a record that only links to its text (OGC 20-004r1, 7.2.2)."""


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """A DOI or CSTR, and the URL that resolves it."""

    scheme: str
    value: str

    @property
    def url(self) -> str:
        """URL that resolves it."""
        return _RESOLVERS[self.scheme] + quote(self.value, safe="/:.()-_;")

    @property
    def label(self) -> str:
        """As people write it: `DOI:10.1234/abc`."""
        return f"{self.scheme.upper()}:{self.value}"


def identifiers(dataset: Dataset) -> list[Identifier]:
    """The DOIs and CSTRs of a dataset, in the order of its record."""
    pairs = ((e.scheme or "", e.value) for e in dataset.external_ids)
    return [_identifier(scheme.lower(), value) for scheme, value in pairs if scheme.lower() in _RESOLVERS]


def _identifier(scheme: str, value: str) -> Identifier:
    for prefix in (f"{scheme}:", _RESOLVERS[scheme], f"http://dx.{scheme}.org/"):
        value = value[len(prefix) :] if value.lower().startswith(prefix) else value
    return Identifier(scheme=scheme, value=value.strip())


def licence_url(dataset: Dataset) -> str | None:
    """Return the URL of the licence: the link of the record, else the page of its SPDX identifier."""
    if dataset.license_url:
        return dataset.license_url
    has_spdx = dataset.license is not None and dataset.license != _OTHER
    return f"https://spdx.org/licenses/{dataset.license}.html" if has_spdx else None


def licence_name(dataset: Dataset) -> str | None:
    """The SPDX identifier, or the link of another licence; None if it is not known."""
    return licence_url(dataset) if dataset.license == _OTHER else dataset.license


def line(dataset: Dataset) -> str:
    """One line to show beside the data: attribution, licence, DOI and CSTR; empty if nothing is known."""
    text = dataset.attribution or ""
    licence = dataset.license if dataset.license not in (None, _OTHER) else ""
    parts = [text, "" if licence and licence in text else licence, *(i.label for i in identifiers(dataset))]
    return " \N{MIDDLE DOT} ".join(part for part in parts if part)


def tilejson_members(dataset: Dataset) -> dict[str, str]:
    """Members of a TileJSON document. Clients show `attribution` as HTML, so that its text is escaped."""
    members = {name: value for name, value in attributes(dataset).items() if name in ("license", "doi", "cstr")}
    return {"attribution": escape(line(dataset), quote=False), **members}


def attributes(dataset: Dataset) -> dict[str, str]:
    """Global attributes of a download: `attribution`, `license`, `license_url`, `doi`, `cstr` and `references`.

    `references` is where to read about the data (CF 1.11, 2.6.2): what the identifiers resolve to.
    """
    ids = identifiers(dataset)
    members: dict[str, str | None] = {
        "attribution": dataset.attribution,
        "license": licence_name(dataset),
        "license_url": licence_url(dataset),
        **{scheme: " ".join(i.value for i in ids if i.scheme == scheme) for scheme in _RESOLVERS},
        "references": " ".join(i.url for i in ids),
    }
    return {name: value for name, value in members.items() if value}
