"""Settings: typed, grouped, passed in, refused when unsafe.

Read from `GRATICULE_<FIELD>` and `GRATICULE_<GROUP>_<FIELD>` environment variables and, below them, from the YAML
file that `GRATICULE_CONFIG` names, whose nesting is that of the groups. `load()` is the only place that reads them.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, get_origin
from urllib.parse import parse_qs, urlsplit

import yaml
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from config.errors import UnsafeSetting
from config.setting_groups.faults import Faults, not_yaml, read_lines
from config.setting_groups.group import SettingGroup
from config.setting_groups.ingest import IngestSettings, ScrubSettings, WatchSettings
from config.setting_groups.server import ServerSettings
from config.setting_groups.vector import SparkSettings, VectorSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "GRATICULE_"
CONFIG_VARIABLE = PREFIX + "CONFIG"
"""Environment variable that names the YAML file."""

_KNOWN_PASSWORDS = frozenset({"postgres", "password", "admin", "changeme", "secret", "graticule", "12345", "123456"})
_CREDENTIALS = re.compile(r"[^:]*://([^:/?#@]*(:[^:/?#@]*)?@)?[^@]*([?#].*)?$")
"""URLs whose credentials are percent-encoded (RFC 3986, 3.2.1): others are cut apart at the wrong place."""
_LOCAL_HOSTS = ("", "127.0.0.1", "localhost", "::1")


class DatabaseSettings(SettingGroup):
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

    @field_validator("url")
    @classmethod
    def _postgresql_url(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if not text:
            return value
        if "://" in text and not _CREDENTIALS.match(text):
            raise ValueError("the characters / ? # @ : of a name or password must be written as %2F %3F %23 %40 %3A")
        parts = urlsplit(text)
        if parts.scheme.split("+")[0] not in ("postgresql", "postgres"):
            raise ValueError("a PostgreSQL URL is needed, such as postgresql://user:password@host/graticule")
        host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
        password = parts.password or parse_qs(parts.query).get("password", [""])[0]
        if password in _KNOWN_PASSWORDS and host not in _LOCAL_HOSTS and not host.startswith("/"):
            raise ValueError(f"its password is one that everybody knows, and {host} is another machine; change it")
        return value

    @field_validator("bin_dir")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if value and not Path(value).is_absolute():
            raise ValueError("an absolute path is needed: programs are run from this folder")
        return value


class DaskSettings(SettingGroup):
    """The Dask cluster that runs processes."""

    scheduler: str = Field(
        "", description="Address tls://host:port of a cluster; empty: a local one is started by serve."
    )
    tls_ca: str = Field("", description="PEM file of the authority that a tls:// cluster's certificates are from.")
    tls_cert: str = Field("", description="PEM file of this server's certificate for a tls:// cluster.")
    tls_key: str = Field("", description="PEM file of that certificate's key.")
    workers: int = Field(1, ge=1, le=64, description="Worker processes of the local cluster.")
    threads: int = Field(2, ge=1, le=64, description="Threads of each worker of the local cluster.")
    memory_limit: str = Field(
        "2GiB",
        pattern=r"^[0-9]+(\.[0-9]+)? ?([kKMGT]i?)?B$",
        description="Memory of each worker of the local cluster, such as 2GiB.",
    )

    @field_validator("scheduler")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not value.startswith(("tcp://", "tls://")):
            raise ValueError("an address such as tls://host:8786 is needed")
        return value

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        present = [bool(path) for path in (self.tls_ca, self.tls_cert, self.tls_key)]
        if any(present) != all(present) or (self.scheduler.startswith("tls://") and not all(present)):
            raise ValueError("a tls:// cluster needs all three of dask.tls_ca, dask.tls_cert and dask.tls_key")
        return self


class LimitSettings(SettingGroup):
    """Bounds on what one request may cost."""

    items: int = Field(1000, ge=1, le=10000, description="Largest `limit` of records and collections.")
    coverage_cells: int = Field(
        50_000_000, ge=1, description="Most cells (rows x columns x times x variables) of one coverage answer."
    )
    kept_coverages_mb: int = Field(
        1024, ge=0, description="Disk for encoded coverages that clients read by ranges of bytes, MiB; 0: none."
    )
    map_layers: int = Field(
        5000, ge=1, le=100_000, description="Most layers of one WMS, WMTS or WCS document; beyond it, one a theme."
    )
    tile_size: int = Field(1024, ge=64, le=4096, description="Largest tile edge, in pixels.")
    body_bytes: int = Field(4 * 1024 * 1024, ge=1024, description="Largest request body.")
    sync_seconds: float = Field(60.0, gt=0, le=3600, description="Longest synchronous execution of a process.")
    threads: int = Field(16, ge=1, le=256, description="Threads of each web worker that answer requests.")
    jobs: int = Field(200, ge=1, le=100_000, description="Most jobs that wait or run at once.")
    jobs_per_client: int = Field(20, ge=1, le=100_000, description="Most jobs of one client that wait or run at once.")
    job_days: float = Field(7.0, gt=0, le=3650, description="Days that a finished job and its result are kept.")
    zone_cells: int = Field(
        5_000_000_000, ge=1, description="Most cells around the polygons, times times, of one zonal statistics request."
    )
    process_cells: int = Field(
        5_000_000_000, ge=1, description="Most cells, times fields and times, that one execution of a process reads."
    )
    result_bytes: int = Field(64 * 1024 * 1024, ge=1024, le=512 * 1024 * 1024, description="Largest result of a job.")


class JobsSettings(SettingGroup):
    """Whose jobs a client sees, and who is called back."""

    public: bool = Field(
        False, description="Whether everybody may list, and so dismiss, the jobs of everybody; for closed networks."
    )
    callbacks: bool = Field(True, description="Whether the addresses of a job's `subscriber` are called.")
    callbacks_private: bool = Field(
        False, description="Whether they may lie in private networks or on this machine; for closed networks."
    )


class RecordsSettings(SettingGroup):
    """Records: how they are searched, and transactions on them."""

    synonyms: str = Field(
        "", description="Text file of names of the same thing, for searches by `words`; empty: those that come along."
    )
    require_match: bool = Field(
        False, description="Refuse changes of records without If-Match or If-Unmodified-Since (428)."
    )

    @field_validator("synonyms")
    @classmethod
    def _readable(cls, value: str) -> str:
        if value and not Path(value).is_file():
            raise ValueError(f"{value} is no file; name a text file, or leave it empty")
        return str(Path(value).absolute()) if value else ""


class TileSettings(SettingGroup):
    """How tiles are cut, and those that are kept once they are drawn."""

    cache_mb: int = Field(0, ge=0, le=65536, description="Memory for drawn tiles in each web worker, MiB; 0: none.")
    matrix_sets: str = Field("", description="Folder of more tile matrix sets, each a JSON file; empty: none.")


class HarvestSettings(SettingGroup):
    """Harvests on a schedule."""

    scheduled: bool = Field(True, description="Whether serve harvests the sources that are due.")


class SeriesSettings(SettingGroup):
    """Parts of long series by time."""

    background: bool = Field(True, description="Whether serve builds the parts of long series as times are added.")


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
    locations: str = Field(
        "", description="GeoJSON file of the named regions; empty: the seas, basins and countries that come with it."
    )
    serve_restricted: bool = Field(
        False, description="Serve the data of datasets that are not open or are under embargo."
    )
    restricted_statistics: bool = Field(
        False, description="Whether minimum, maximum and percentiles of data that is not served are public."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe message logged.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines.")
    gdal_cache_mb: int = Field(256, ge=16, le=65536, description="GDAL's block cache in each process, MiB.")
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    dask: DaskSettings = DaskSettings()
    limit: LimitSettings = LimitSettings()
    ingest: IngestSettings = IngestSettings()
    harvest: HarvestSettings = HarvestSettings()
    series: SeriesSettings = SeriesSettings()
    tile: TileSettings = TileSettings()
    records: RecordsSettings = RecordsSettings()
    jobs: JobsSettings = JobsSettings()
    scrub: ScrubSettings = ScrubSettings()
    watch: WatchSettings = WatchSettings()
    vector: VectorSettings = VectorSettings()
    spark: SparkSettings = SparkSettings()

    @field_validator("store")
    @classmethod
    def _local_folder(cls, value: str) -> str:
        if "://" in value:
            raise ValueError("a folder of this machine is needed; object stores are not supported")
        if value and Path(value).expanduser().absolute() in (Path("/"), Path.home()):
            raise ValueError("a folder of its own is needed, neither / nor a home folder")
        return str(Path(value).expanduser()) if value else value

    @field_validator("data_dir")
    @classmethod
    def _own_folder(cls, value: Path) -> Path:
        if value == Path():
            raise ValueError("name a folder, or unset it for var in the current folder")
        if value.expanduser().absolute() in (Path("/"), Path.home()):
            raise ValueError("a folder of its own is needed, neither / nor a home folder")
        return value.expanduser()

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.serve_restricted and self.server.host not in _LOCAL_HOSTS[1:] and self.server.url == "":
            raise ValueError("serve_restricted on a public address needs server.url, so that it is a decision")
        return self

    @property
    def base_url(self) -> str:
        """The public base URL, without a trailing slash."""
        return self.server.url or f"http://localhost:{self.server.port}"

    def at(self, base_url: str) -> Settings:
        """These settings with another base URL of links, which is taken as it is."""
        server = self.server.model_copy(update={"url": base_url})
        return self.model_copy(update={"server": server})

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
        del env_settings, dotenv_settings, file_secret_settings
        environment = _Environment(settings_cls)
        path = os.environ.get(CONFIG_VARIABLE)
        if not path:
            return (init_settings, environment)
        return (init_settings, environment, YamlConfigSettingsSource(settings_cls, yaml_file=path))


class _Environment(EnvSettingsSource):
    """The environment without variables that set nothing: the command line warns of those, and goes on.

    An orchestrator may set them: Kubernetes gives each container GRATICULE_SERVER_SERVICE_HOST when a service is named
    graticule-server. A misspelt member of the YAML file is an error, for nobody but the operator writes there.
    """

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        variables = {name.upper() for name in os.environ}
        for name, field in self.settings_cls.model_fields.items():
            group, members = field.annotation, values.get(name)
            if isinstance(members, dict) and isinstance(group, type) and issubclass(group, SettingGroup):
                unknown = [m for m in members if m not in group.model_fields and setting_name((name, m)) in variables]
                values[name] = {m: v for m, v in members.items() if m not in unknown}
        return values


def load(**overrides: Any) -> Settings:
    """Read the settings; raises UnsafeSetting naming each bad one."""
    path = os.environ.get(CONFIG_VARIABLE)
    if path and not Path(path).is_file():
        raise UnsafeSetting(f"{CONFIG_VARIABLE}={path}: there is no such file; name a YAML file or unset it")
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise UnsafeSetting("; ".join(map(_faults(path).sentence, error.errors()))) from error
    except SettingsError as error:
        names = ", ".join(_json_variables()) or "a variable"
        raise UnsafeSetting(f'{names}: write JSON, such as ["https://example.org"] for a list') from error
    except (yaml.YAMLError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise UnsafeSetting(not_yaml(path or "", error)) from error


def _json_variables() -> list[str]:
    """The variables of the environment whose values are no JSON, though they set lists or whole groups."""
    names = []
    for name, value in os.environ.items():
        group, _, member = name.upper().removeprefix(PREFIX).lower().partition("_")
        field = Settings.model_fields.get(group) if name.upper().startswith(PREFIX) else None
        owner = field.annotation if field else None
        if not (isinstance(owner, type) and issubclass(owner, SettingGroup)):
            continue
        inner = owner.model_fields.get(member)
        if not member or (inner and get_origin(inner.annotation) is list):
            try:
                json.loads(value)
            except ValueError:
                names.append(name)
    return names


def _faults(path: str | None) -> Faults:
    return Faults(
        prefix=PREFIX,
        known=locations(),
        variables={name.upper() for name in os.environ},
        file=read_lines(path) if path else None,
        secret=[("database", "url")],
    )


def setting_name(location: tuple[str, ...]) -> str:
    """The environment variable of a field: ("server", "url") is GRATICULE_SERVER_URL."""
    return PREFIX + "_".join(location).upper()


def locations() -> list[tuple[str, ...]]:
    """The location of each setting: ("data_dir",) or ("server", "port")."""
    places: list[tuple[str, ...]] = []
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, SettingGroup):
            places += [(name, inner) for inner in group.model_fields]
        else:
            places.append((name,))
    return places


def flat(settings: Settings) -> Mapping[tuple[str, ...], Any]:
    """Every field's value by its location, secrets still wrapped."""
    values: dict[tuple[str, ...], Any] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SettingGroup):
            values |= {(name, inner): getattr(value, inner) for inner in type(value).model_fields}
        else:
            values[(name,)] = value
    return values
