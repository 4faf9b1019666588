"""nginx with `deploy/nginx.conf` in front of a running server: what it keeps, for how long, and what it never keeps."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from records.database.engine import driver_url
from records.datasets.models import Access
from records.datasets.repository import Repository
from tests.clients.conftest import program
from tests.support.datasets import dated
from tests.support.paths import ROOT
from tests.support.serving import Serving, reserved_port, serving
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from tests.support.database import Server

CONF = ROOT / "deploy" / "nginx.conf"
TILE = "/xyz/{}/v/default/200605/{}.png"
BRIEF = "proxy_cache graticule; proxy_ignore_headers Cache-Control; proxy_cache_valid 200 1s;"
"""In place of `proxy_cache graticule;`: images grow old in a second, for nobody waits an hour."""


@dataclass(frozen=True)
class Answer:
    """A status, nginx's word on its cache, the entity tag and the body."""

    status: int
    cache: str | None
    tag: str | None
    body: bytes


@dataclass(frozen=True)
class Front:
    """nginx, the server behind it, and the catalogue and store of that."""

    port: int
    behind: Serving
    repository: Repository
    store: Path

    def get(self, path: str, **headers: str) -> Answer:
        """An answer through nginx."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as found:
                return Answer(found.status, found.headers["X-Cache-Status"], found.headers["ETag"], found.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers["X-Cache-Status"], error.headers["ETag"], error.read())

    def asked(self, path: str) -> int:
        """How often the server behind was asked for a path, after its log had time to arrive."""
        time.sleep(0.5)
        return sum(f"{path} " in line or line.rstrip().endswith(path) for line in self.behind.log)


@contextmanager
def front(server: Server, folder: Path, *, brief: bool = False, **settings: str) -> Iterator[Front]:
    """nginx over a server with an open and a restricted dataset."""
    binary = program("nginx")
    with server.database() as url:
        engine = create_engine(driver_url(url), poolclass=NullPool)
        repository, store = Repository(engine), folder / "store"
        repository.publish(dated(store, "open"))
        repository.publish(dated(store, "sealed", access=Access(policy="apply")))
        with serving(url, folder, workers=1, **settings) as behind, _nginx(binary, folder, behind, brief=brief) as port:
            yield Front(port=port, behind=behind, repository=repository, store=store)
        engine.dispose()


@contextmanager
def _nginx(binary: str, folder: Path, behind: Serving, *, brief: bool) -> Iterator[int]:
    """nginx on the port that this gives, killed at the end."""
    with reserved_port() as port:
        conf = _configuration(folder, port, behind, brief=brief)
        process = subprocess.Popen([binary, "-c", str(conf), "-p", str(folder)], stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: _listens(port), lambda found: found)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=20)


def _configuration(folder: Path, port: int, behind: Serving, *, brief: bool) -> Path:
    """The file of nginx's configuration: the one that is shipped, with the places of this test."""
    conf = folder / "nginx.conf"
    changes = {
        "/var/cache/nginx/graticule": str(folder / "cache"),
        "server 127.0.0.1:8080;": f"server 127.0.0.1:{behind.port};",
        "listen 80;": f"listen 127.0.0.1:{port};",
        **({"proxy_cache graticule;": BRIEF} if brief else {}),
    }
    site = CONF.read_text("utf-8")
    for written, here in changes.items():
        assert site.count(written) == 1, written
        site = site.replace(written, here)
    user = "user root;" if os.geteuid() == 0 else ""
    paths = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    head = f"{user} worker_processes 2; pid {folder}/pid; daemon off; error_log {folder}/error.log;\nevents {{}}\n"
    conf.write_text(f"{head}http {{ access_log off; {paths}\n{site}\n}}\n", "utf-8")
    return conf


def _listens(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def usual(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The configuration as it is."""
    with front(server, tmp_path_factory.mktemp("usual"), serve_restricted="true") as found:
        yield found


@pytest.fixture(scope="module")
def brief(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Images that grow old in a second."""
    with front(server, tmp_path_factory.mktemp("brief"), brief=True) as found:
        yield found


def test_a_tile_is_drawn_once_and_then_comes_from_nginx(usual: Front) -> None:
    path = TILE.format("open", "1/1/0")
    first, again = usual.get(path), usual.get(path)
    assert (first.status, first.cache, again.cache) == (200, "MISS", "HIT")
    assert (again.body, again.tag) == (first.body, first.tag)
    assert usual.get(path, **{"If-None-Match": first.tag or ""}).status == 304
    assert usual.asked(path) == 1


def test_formats_chosen_by_accept_are_kept_apart(usual: Front) -> None:
    path = "/collections/open/map/tiles/WebMercatorQuad/1/0/1?datetime=2006-05"
    kinds = ("image/png", "image/webp", "image/png", "image/webp")
    found = [usual.get(path, Accept=kind) for kind in kinds]
    assert [answer.cache for answer in found] == ["MISS", "MISS", "HIT", "HIT"]
    assert found[0].body == found[2].body != found[1].body == found[3].body


def test_restricted_data_and_errors_are_never_kept(usual: Front) -> None:
    for path, status in ((TILE.format("sealed", "1/1/0"), 200), (TILE.format("open", "1/9/0"), 404)):
        assert [(a.status, a.cache) for a in (usual.get(path) for _ in range(3))] == [(status, "MISS")] * 3


def test_pages_are_passed_on(usual: Front) -> None:
    found = [usual.get("/collections") for _ in range(2)]
    assert [(answer.status, answer.cache) for answer in found] == [(200, None)] * 2


def test_of_many_who_want_a_new_tile_one_asks(usual: Front) -> None:
    path = "/xyz/open/v/default/200606/2/1/1.png?resampling=cubic&tilesize=1024"
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: usual.get(path), range(20)))
    assert {answer.status for answer in found} == {200}
    assert len({answer.body for answer in found}) == 1
    assert Counter(answer.cache for answer in found) == {"MISS": 1, "HIT": 19}


def test_an_old_tile_is_revalidated_by_its_tag(brief: Front) -> None:
    path = TILE.format("open", "2/1/1")
    first = brief.get(path)
    again = eventually(lambda: brief.get(path), lambda answer: answer.cache != "HIT")
    assert (first.cache, again.cache, again.status) == ("MISS", "REVALIDATED", 200)
    assert again.body == first.body


def test_while_one_asks_the_others_get_the_old_tile(brief: Front) -> None:
    path = TILE.format("open", "2/2/1")
    first = brief.get(path)
    time.sleep(2.5)
    workers = brief.behind.workers()
    for worker in workers:
        worker.suspend()
    try:
        with ThreadPoolExecutor(1) as pool:
            asking = pool.submit(brief.get, path)
            time.sleep(0.3)
            meanwhile = brief.get(path)
            for worker in workers:
                worker.resume()
            assert (meanwhile.cache, meanwhile.body) == ("UPDATING", first.body)
            assert asking.result().cache == "REVALIDATED"
    finally:
        for worker in workers:
            worker.resume()


def test_a_withdrawn_dataset_is_refused_once_its_tiles_are_old(brief: Front) -> None:
    brief.repository.publish(dated(brief.store, "fleeting"))
    path = TILE.format("fleeting", "1/1/0")
    assert brief.get(path).status == 200
    brief.repository.publish(dated(brief.store, "fleeting", access=Access(policy="apply")))
    eventually(lambda: brief.get(path).status, lambda status: status == 403)
    assert [brief.get(path).status for _ in range(5)] == [403] * 5


def test_while_the_server_is_down_the_old_tile_is_shown(server: Server, tmp_path: Path) -> None:
    with front(server, tmp_path, brief=True) as found:
        path = TILE.format("open", "1/0/0")
        first = found.get(path)
        found.behind.process.terminate()
        found.behind.process.wait(timeout=30)
        shown = eventually(lambda: found.get(path), lambda answer: answer.cache != "HIT")
        assert (shown.status, shown.cache, shown.body) == (200, "STALE", first.body)
        assert found.get(TILE.format("open", "1/1/1")).status == 502
