"""The API description in Chinese: the texts of files and granules."""

from __future__ import annotations

from typing import Final

FILES: Final = {
    "A file": "一个文件",
    "A Cloud-Optimized GeoTIFF of a collection, or an original file of it, as it is stored.": (
        "数据集的一个云优化 GeoTIFF 或原始文件，按存储原样给出。"
    ),
    "The file's path, as links give it.": "文件的路径，如链接中所写。",
    "The bytes that Range asks for; several ranges as multipart/byteranges.": (
        "Range 所要求的字节；多个范围以 multipart/byteranges 给出。"
    ),
    "The granules": "文件清单",
    "The granules of a collection, the latest first: time, level, member, part, file with its size and checksum.": (
        "数据集的各份数据，最近的在前：时间、层次、成员、分幅，以及文件的大小和校验和。"
    ),
    "Only granules of this variable.": "仅限此变量的数据。",
    "Only granules that meet this time.": "仅限与此时间相交的数据。",
    "Most granules of the answer.": "应答中数据的最大份数。",
    "Granules before the first of the answer.": "跳过的数据份数。",
    "URLs of the files": "文件的网址",
    "The URL of each file, one a line, the latest first: what `wget -i` takes.": (
        "各文件的网址，每行一个，最近的在前：可供 `wget -i` 使用。"
    ),
    "data: the converted files; source: the original ones, where kept.": (
        "data：转换后的文件；source：原始文件（如有保留）。"
    ),
    "Only files of this variable.": "仅限此变量的文件。",
    "Only files that meet this time.": "仅限与此时间相交的文件。",
    "Checksums of the files": "文件的校验和",
    "SHA-256 and name of each file, one a line: what `sha256sum -c` takes in the folder where they were saved.": (
        "各文件的 SHA-256 和名称，每行一个：在保存文件的文件夹中供 `sha256sum -c` 使用。"
    ),
    "A published table": "已发布的表格",
    "A table that a record links to: public, as the record is.": "记录所链接的表格：与记录一样公开。",
    "Identifier of a record.": "记录的标识符。",
}
