"""The settings of ingests, of watched folders, and of the comparison of checksums."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from config.setting_groups.group import SettingGroup


class IngestSettings(SettingGroup):
    """Bounds on the processes that read source files."""

    workers: int = Field(0, ge=0, le=32, description="Processes that convert; 0: one a processor.")
    memory_mb: int = Field(4096, ge=512, le=1_048_576, description="Memory that each of them may use, MiB.")
    stall_s: float = Field(
        600.0, gt=0, le=86_400, description="Seconds without progress after which one is ended and its file refused."
    )
    roots: list[str] = Field(
        [], description="Folders below which files may be catalogued where they lie (--in-place); empty: nowhere."
    )

    @field_validator("roots")
    @classmethod
    def _absolute(cls, value: list[str]) -> list[str]:
        for one in value:
            if not Path(one).is_absolute() or Path(one) == Path("/"):
                raise ValueError(f"{one!r}: an absolute path of a folder is needed, and not /")
        return value


class WatchSettings(SettingGroup):
    """Folders whose files serve takes into datasets as they come."""

    folders: list[str] = Field(
        [], description='Watched folders, each with the declaration of its dataset: ["FOLDER=DECLARATION.yaml"].'
    )
    settle_s: float = Field(
        2.0, ge=0, le=3600, description="Seconds for which a file must stay as it is before it is taken."
    )
    poll_s: float = Field(1.0, ge=0.1, le=3600, description="Seconds between two looks at watched folders.")
    keep_removed: bool = Field(False, description="Whether granules stay when their files are removed.")
    in_place: bool = Field(False, description="Whether files of watched folders are served from where they lie.")

    @field_validator("folders")
    @classmethod
    def _pairs(cls, value: list[str]) -> list[str]:
        for one in value:
            folder, separator, declaration = one.rpartition("=")
            if not separator or not Path(folder).is_absolute() or not Path(declaration).is_absolute():
                raise ValueError(f"{one!r}: write FOLDER=DECLARATION.yaml with two absolute paths")
        return value


class ScrubSettings(SettingGroup):
    """The comparison of the store's files with their checksums."""

    mb_s: float = Field(
        20.0, ge=0, le=100_000, description="MiB of files that serve compares with their checksums a second; 0: none."
    )
    days: float = Field(7.0, gt=0, le=3650, description="Days after which a file is compared again.")
