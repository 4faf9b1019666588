"""The id of a dataset, from what is given, declared, or its only file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from config.declarations.datasets import DatasetDeclaration, require_dataset_id
from config.errors import InvalidDeclaration
from config.vocabulary import RESERVED_IDS

_SHORT = 40
"""Characters of an id that is suggested for a long name."""


def stem_id(stem: str) -> str:
    """The id of a dataset whose only file has that stem; raises InvalidDeclaration where a name makes no id."""
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")
    try:
        return require_dataset_id(slug if stem.isascii() else "", name="file name")
    except InvalidDeclaration as error:
        cause = f"the file name {stem!r} makes no dataset id"
        remedy = f"choose one, such as --id {_suggestion(slug)}, or `id` in a declaration"
        raise InvalidDeclaration(f"{cause}; {remedy}") from error


def _suggestion(slug: str) -> str:
    """What is left of a name in another script where that says something, else an example."""
    if not re.search("[a-z]{2}", slug):
        return "sea-temperature"
    return f"{slug}-data" if slug in RESERVED_IDS else slug[:_SHORT].rstrip("-")


def chosen_id(paths: Sequence[Path], declaration: DatasetDeclaration, id_: str | None) -> str:
    """The id of the dataset of some files: the given one, the declared one, else the only file's stem.

    Raises InvalidDeclaration where there is none, or where it is no id or a reserved one.
    """
    if not paths:
        raise InvalidDeclaration("no source file is given; name at least one")
    if id_ is not None:
        return require_dataset_id(id_, name="--id")
    if declaration.id is not None:
        return require_dataset_id(declaration.id, name="id")
    if len(paths) > 1:
        cause = f"{len(paths)} files make one dataset, whose id is not declared"
        raise InvalidDeclaration(f"{cause}; give it with --id, or make a dataset of each with --each")
    return stem_id(Path(paths[0]).stem)
