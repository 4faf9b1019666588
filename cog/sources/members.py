"""Axes of the members of ensembles as `cog.sources.models.SourceAxis`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cog.sources.levels import level_label, require_levels
from cog.sources.models import SourceAxis
from config.errors import SourceRefused
from config.layers import MEMBER

_LABEL = re.compile(r"[A-Za-z0-9._+-]{1,60}", re.ASCII)


def member_axis(labels: Sequence[object], *, path: Path) -> SourceAxis:
    """The axis of members, each by its number or its name, such as `3` or `r1i1p1f1`, in stored order.

    Raises SourceRefused for names of other characters than letters, digits and `._+-`, for members that occur twice,
    and for too many.
    """
    texts = tuple(_text(label) for label in labels)
    wrong = next((text for text in texts if not _LABEL.fullmatch(text)), None)
    if wrong is not None:
        cause = f"the member {wrong[:60]!r} has other characters than letters, digits and ._+-, or more than 60"
        raise SourceRefused(path, cause, "number or rename the members")
    require_levels(texts, name=MEMBER, path=path)
    return SourceAxis(name=MEMBER, unit=None, positive=None, labels=texts)


def is_one_of_several(number: int | None, *, size: int | None = None, declared: bool | None = None) -> bool:
    """Whether a member that a file states alone is one of an ensemble, if a declaration does not say.

    It is where its number is not 0, or the file states that the ensemble has several.
    """
    if number is None:
        return False
    return (number != 0 or (size or 0) > 1) if declared is None else declared


def _text(label: object) -> str:
    return label.strip() if isinstance(label, str) else level_label(np.asarray(label))
