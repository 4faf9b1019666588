"""How files are named to clients: their URLs, sizes and checksums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from config.messages import Messages

if TYPE_CHECKING:
    from records.datasets.models import Asset, Dataset, LatestFile

TITLES: Final = Messages(
    {
        "granules": {"en": "Granules, with their files", "zh": "数据粒及其文件"},
        "latest_file": {"en": "Latest file of {variable}", "zh": "{variable} 的最新文件"},
        "latest_source": {"en": "Original file of the latest {variable}", "zh": "{variable} 最新文件的原始文件"},
        "latest_file_of_time": {"en": "Latest file of {variable}, {time}", "zh": "{variable} 的最新文件（{time}）"},
    }
)
_SHA256: Final = "1220"
"""The multihash prefix of SHA-256 with 32 bytes."""


def asset_url(base_url: str, asset: Asset) -> str:
    """Where a file is served: its path below the store is its path below `/assets`."""
    return f"{base_url}/assets/{quote(asset.href)}"


def file_members(asset: Asset) -> dict[str, Any]:
    """Size in bytes, and checksum as a multihash, of a file (STAC's file extension 2.1)."""
    return {"file:size": asset.size, "file:checksum": _SHA256 + asset.sha256}


def file_links(dataset: Dataset, base_url: str) -> list[dict[str, Any]]:
    """Links to the list of a dataset's granules, to the latest file of each of its first variables, and its source."""
    here = f"{base_url}/collections/{dataset.id}/granules"
    contents = {"rel": "contents", "type": "application/json", "href": here, "title": TITLES.phrase("granules")}
    files = [_file_link(file.asset, base_url, file.variable_id, file.time) for file in dataset.files]
    originals = {file.source.href: file for file in dataset.files if file.source is not None}
    return [contents, *files, *(_source_link(file, base_url) for file in originals.values())]


def _source_link(file: LatestFile, base_url: str) -> dict[str, Any]:
    assert file.source is not None
    title = TITLES.phrase("latest_source", variable=file.variable_id)
    href = asset_url(base_url, file.source)
    return {"rel": "enclosure", "type": file.source.media_type, "href": href, "title": title} | file_members(
        file.source
    )


def _file_link(asset: Asset, base_url: str, variable_id: str, time: str | None) -> dict[str, Any]:
    key = "latest_file_of_time" if time else "latest_file"
    title = TITLES.phrase(key, variable=variable_id, time=time)
    link = {"rel": "enclosure", "type": asset.media_type, "href": asset_url(base_url, asset), "title": title}
    return link | file_members(asset)
