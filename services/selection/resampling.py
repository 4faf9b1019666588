"""Resampling kernels by the names that clients give them."""

from __future__ import annotations

from typing import Final, get_args

from cog.reading.warp import Kernel
from config.errors import InvalidParameter

KERNELS: Final[tuple[Kernel, ...]] = get_args(Kernel)


def parse_kernel(text: str | None) -> Kernel | None:
    """Return the kernel of that name, None without a name; raises InvalidParameter."""
    if text is None:
        return None
    if text not in KERNELS:
        raise InvalidParameter("resampling", text, f"known are {', '.join(KERNELS)}")
    return text
