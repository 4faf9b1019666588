"""Identifiers in the paths of routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

CollectionId = Annotated[str, Path(alias="collectionId", max_length=127, description="Identifier of a collection.")]
