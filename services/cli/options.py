"""Values of options that several commands share."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from cog.convert.profiles import ProfileName
from config.errors import InvalidParameter


def profile_of(name: str) -> ProfileName:
    """The profile of that name; raises InvalidParameter."""
    try:
        profile = TypeAdapter[ProfileName](ProfileName).validate_python(name)
    except ValidationError as error:
        raise InvalidParameter("--profile", name, "use zstd, small or deflate") from error
    if profile == "in-place":
        raise InvalidParameter("--profile", name, "use --in-place")
    return profile
