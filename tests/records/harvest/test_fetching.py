"""Fetching over HTTP: private addresses, rebinding, redirects, sizes and times."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from typing import Any

import pytest

from config.errors import SourceRefused
from records.harvest.fetch.addresses import is_public, judged_addresses
from records.harvest.fetch.fetching import Limits, fetch
from tests.support.harvest import served

HERE = Limits(allow_private=True, silence_s=5, total_s=5)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b:1::7f00:1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2606:4700::5efe:127.0.0.1",
        "2606:4700::200:5efe:10.0.0.1",
        "4000::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
    ],
)
def test_an_address_that_leads_inside_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "2606:4700::5efe:8.8.8.8", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://localhost/", "http://[::1]/", "http://2130706433/", "http://0x7f.1/"]
)
def test_this_machine_is_not_fetched_from(url: str) -> None:
    with pytest.raises(SourceRefused, match=r"private|resolved"):
        fetch(url, Limits())


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@example.org/",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://[x/",
        "http://example.org/a b",
        "http://example.org/\r\nX: y",
        "http://例子.example/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(SourceRefused) as refused:
        fetch(url, HERE)
    assert "secret" not in str(refused.value)


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80)) for a in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers)
    with pytest.raises(SourceRefused, match=r"10\.0\.0\.1 is an address of a private network"):
        judged_addresses("example.org", 80, allow_private=False)


def test_the_address_that_was_judged_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is resolved anew for the connection would lead elsewhere the second time."""
    resolve, asked = socket.getaddrinfo, []

    def resolved(host: str, *arguments: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return resolve(host, *arguments, **options)
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.99"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, arguments[0]))]

    with served({"/": (200, {}, b"{}")}) as (url, _):
        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        port = url.rpartition(":")[2]
        assert fetch(f"http://rebinding.example:{port}/", HERE).data == b"{}"
    assert asked == ["rebinding.example"]


def test_a_redirect_is_followed_and_judged_again() -> None:
    pages = {
        "/a": (302, {"Location": "b?x=1"}, b""),
        "/b?x=1": (200, {}, b"[]"),
        "/out": (301, {"Location": "ftp://example.org/"}, b""),
        "/loop": (302, {"Location": "/loop"}, b""),
    }
    with served(pages) as (url, asked):
        content = fetch(f"{url}/a#part", HERE)
        assert (content.data, content.name) == (b"[]", f"{url}/b?x=1")
        with pytest.raises(SourceRefused, match="only http"):
            fetch(f"{url}/out", HERE)
        with pytest.raises(SourceRefused, match="more than 5 times"):
            fetch(f"{url}/loop", HERE)
    assert asked.count("/loop") == 6


def test_other_statuses_and_sizes_are_refused() -> None:
    pages = {
        "/large": (200, {}, b"x" * 2000),
        "/short": (200, {"Content-Length": "100"}, b"x"),
        "/error": (500, {}, b""),
    }
    limits = Limits(allow_private=True, max_bytes=1000, total_s=5)
    with served(pages) as (url, _):
        for path, cause in (
            ("/large", "more than 1000 bytes"),
            ("/short", "answer"),
            ("/error", "500"),
            ("/no", "404"),
        ):
            with pytest.raises(SourceRefused, match=cause):
                fetch(url + path, limits)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["headers", "body"])
def test_a_server_that_drips_bytes_is_left_when_the_time_is_over(head: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(head)
                while not stop.wait(0.1):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        limits = Limits(allow_private=True, silence_s=5, total_s=0.6)
        with pytest.raises(SourceRefused, match=r"longer than 0\.6 s"):
            fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/", limits)
        assert time.monotonic() - begun < 3
        stop.set()
        thread.join()
