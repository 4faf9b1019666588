"""The settings of the web server."""

from __future__ import annotations

import re
from ipaddress import ip_network
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from config.setting_groups.group import SettingGroup


class ServerSettings(SettingGroup):
    """The web server and the words with which it presents itself."""

    url: str = Field(
        "", description="Public base URL of every link, a path prefix allowed; empty: links follow the request's host."
    )
    hosts: list[str] = Field(
        ["*"],
        description="Hosts, such as data.example.org or [::1]:8080, that links follow without a URL; * for any.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Web worker processes.")
    title: str = Field("Graticule", min_length=1, description="Title on the landing page.")
    description: str = Field("Earth-science datasets as OGC services.", description="Description on the landing page.")
    contact: str = Field("", description="E-mail address of the operator, shown in /api; empty: none.")
    proxies: list[str] = Field(
        ["127.0.0.1", "::1"],
        description="Addresses and networks of proxies, whose X-Forwarded-For names the client.",
    )
    connections: int = Field(
        0,
        ge=0,
        le=1_000_000,
        description="Most open connections of each web worker; 0: half of its descriptors, at most 4096.",
    )
    header_timeout_s: float = Field(10.0, gt=0, le=600, description="Seconds for the head of a request to arrive.")
    body_timeout_s: float = Field(60.0, gt=0, le=3600, description="Seconds for the body of a request to arrive.")
    idle_timeout_s: float = Field(
        15.0, gt=0, le=3600, description="Seconds after which a connection without a request is closed."
    )
    write_timeout_s: float = Field(
        60.0,
        gt=0,
        le=3600,
        description="Seconds without progress after which a client that reads no answer is cut off.",
    )
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

    @field_validator("hosts")
    @classmethod
    def _hosts(cls, value: list[str]) -> list[str]:
        for host in value:
            if host != "*" and not re.fullmatch(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", host.lower()):
                raise ValueError(f"{host[:80]} is no host; write * or a name or address, such as data.example.org:8080")
        return [host.lower() for host in value]

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for text in value:
            try:
                ip_network(text)
            except ValueError as error:
                raise ValueError(f"{text[:80]} is no address or network; write 10.0.0.0/8 or 192.0.2.1") from error
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            parts = urlsplit(origin)
            if origin != "*" and (
                parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValueError(
                    f"{origin} is no origin; write * or scheme, host and port, such as https://example.org"
                )
        return value
