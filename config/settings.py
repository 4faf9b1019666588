"""Settings: typed, grouped, passed in, refused when unsafe.

Read from `GRATICULE_<FIELD>` and `GRATICULE_<GROUP>_<FIELD>` environment variables and, below them, from the YAML
file that `GRATICULE_CONFIG` names, whose nesting is that of the groups. `load()` is the only place that reads them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from config.errors import UnsafeSetting

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "GRATICULE_"


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(_Group):
    """The web server and the words with which it presents itself."""

    url: str = Field(
        "", description="Public base URL of every link, a path prefix allowed; empty: http://localhost:<port>."
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Web worker processes.")
    title: str = Field("Graticule", min_length=1, description="Title on the landing page.")
    description: str = Field("Earth-science datasets as OGC services.", description="Description on the landing page.")
    contact: str = Field("", description="E-mail address of the operator, shown in /api; empty: none.")
    cors_origins: list[str] = Field(
        ["*"], description="Origins that browsers may call from; * for all. Never with credentials."
    )

    @field_validator("url")
    @classmethod
    def _http_url(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an absolute http or https URL is needed, such as https://data.example.org/graticule")
        if parts.query or parts.fragment or parts.username:
            raise ValueError("no query, fragment or credentials: clients append paths to it")
        return value.rstrip("/")


class DatabaseSettings(_Group):
    """The PostgreSQL server that holds the catalogue."""

    url: SecretStr = Field(
        SecretStr(""), description="PostgreSQL URL; empty: a private cluster under the data directory is started."
    )
    bin_dir: str = Field("", description="Folder of initdb and postgres for the private cluster; empty: searched for.")
    pool_size: int = Field(10, ge=1, le=200, description="Connections each web worker keeps.")
    timeout_s: float = Field(10.0, gt=0, le=600, description="Seconds to wait for a connection.")
    statement_timeout_s: float = Field(
        30.0, gt=0, le=3600, description="Seconds after which a request's query is ended."
    )


class DaskSettings(_Group):
    """The Dask cluster that runs processes."""

    scheduler: str = Field(
        "", description="Address tcp://host:port of a cluster; empty: a local one is started by serve."
    )
    workers: int = Field(1, ge=1, le=64, description="Worker processes of the local cluster.")
    threads: int = Field(2, ge=1, le=64, description="Threads of each worker of the local cluster.")
    memory_limit: str = Field("2GiB", description="Memory of each worker of the local cluster.")


class LimitSettings(_Group):
    """Bounds on what one request may cost."""

    items: int = Field(1000, ge=1, le=10000, description="Largest `limit` of records and collections.")
    coverage_cells: int = Field(
        50_000_000, ge=1, description="Most cells (rows x columns x times x variables) of one coverage answer."
    )
    image_pixels: int = Field(4096 * 4096, ge=1, description="Most pixels of one map image.")
    tile_size: int = Field(1024, ge=64, le=4096, description="Largest tile edge, in pixels.")
    body_bytes: int = Field(4 * 1024 * 1024, ge=1024, description="Largest request body.")
    sync_seconds: float = Field(60.0, gt=0, le=3600, description="Longest synchronous execution of a process.")
    threads: int = Field(4, ge=1, le=64, description="Threads of each web worker for pixels.")
    jobs: int = Field(200, ge=1, le=100_000, description="Most jobs that wait or run at once.")
    job_days: float = Field(7.0, gt=0, le=3650, description="Days that a finished job and its result are kept.")
    result_bytes: int = Field(64 * 1024 * 1024, ge=1024, le=512 * 1024 * 1024, description="Largest result of a job.")


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        extra="forbid",
        frozen=True,
    )

    data_dir: Path = Field(Path("var"), description="Folder of the private cluster, the store and job results.")
    store: str = Field("", description="Folder of the COG assets; empty: `store` in the data directory.")
    serve_restricted: bool = Field(
        False, description="Serve the data of datasets that are not open or are under embargo."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe message logged.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")
    gdal_cache_mb: int = Field(256, ge=16, le=65536, description="GDAL's block cache in each process, MiB.")
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    dask: DaskSettings = DaskSettings()
    limit: LimitSettings = LimitSettings()

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if (
            self.serve_restricted
            and self.server.host not in ("127.0.0.1", "localhost", "::1")
            and self.server.url == ""
        ):
            raise ValueError("serve_restricted on a public address needs server.url, so that it is a decision")
        return self

    @property
    def base_url(self) -> str:
        """The public base URL, without a trailing slash."""
        return self.server.url or f"http://localhost:{self.server.port}"

    @property
    def store_dir(self) -> Path:
        """The folder of the COG assets."""
        return Path(self.store) if self.store else self.data_dir / "store"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Explicit values win over the environment, which wins over the YAML file."""
        del dotenv_settings, file_secret_settings
        path = os.environ.get(PREFIX + "CONFIG")
        if not path:
            return (init_settings, env_settings)
        return (init_settings, env_settings, YamlConfigSettingsSource(settings_cls, yaml_file=path))


def load(**overrides: Any) -> Settings:  # noqa: ANN401 - any field
    """Read the settings; raises UnsafeSetting naming each bad one."""
    path = os.environ.get(PREFIX + "CONFIG")
    if path and not Path(path).is_file():
        raise UnsafeSetting(f"{PREFIX}CONFIG={path}: there is no such file; name a YAML file or unset it")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        problems = "; ".join(
            f"{setting_name(tuple(str(p) for p in e['loc']))}: {e['msg']}" for e in error.errors(include_url=False)
        )
        raise UnsafeSetting(problems) from error


def setting_name(location: tuple[str, ...]) -> str:
    """The environment variable of a field: ("server", "url") is GRATICULE_SERVER_URL."""
    return PREFIX + "_".join(location).upper()


def flat(settings: Settings) -> Mapping[tuple[str, ...], Any]:
    """Every field's value by its location, secrets still wrapped."""
    values: dict[tuple[str, ...], Any] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, _Group):
            values |= {(name, inner): getattr(value, inner) for inner in type(value).model_fields}
        else:
            values[(name,)] = value
    return values
