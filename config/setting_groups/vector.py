"""Settings of vector files, and of the engine that joins many of them."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from config.setting_groups.group import SettingGroup


class VectorSettings(SettingGroup):
    """Vector files that processes may read."""

    folder: str = Field(
        "", description="Folder of GeoParquet, FlatGeobuf and GeoJSON files that spatial-join may read; empty: none."
    )

    @field_validator("folder")
    @classmethod
    def _there(cls, value: str) -> str:
        if value and not Path(value).is_dir():
            raise ValueError(f"{value} is no folder; name one, or leave it empty")
        return str(Path(value).absolute()) if value else ""


class SparkSettings(SettingGroup):
    """Apache Spark, which runs Apache Sedona where both are installed."""

    master: str = Field("", description="Spark master for the engine `sedona`, such as local[2]; empty: not offered.")
    jars: str = Field("", description="Sedona's shaded jar, or several with commas between; nothing is downloaded.")
    memory: str = Field("1g", pattern=r"^[0-9]+[kmgt]$", description="Memory of Spark's driver, such as 1g.")
