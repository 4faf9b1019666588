"""Records of other catalogues made for tests, and the shared real ones."""

from __future__ import annotations

import inspect
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from records.harvest.fetch.content import Content
from records.harvest.models import Harvested
from records.harvest.reading import read_file, records
from records.harvest.registry import recognised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    type Answer = tuple[int, dict[str, str], bytes]

METADATA = Path("../shared/data/metadata")
NCDC = Path("../shared/data/ncdc")
PERMAFROST, LAND_COVER, EVAPORATION = (
    "99a4cf27-caf4-4510-919e-fd4d106adbd9",
    "643d320b-315a-4984-868b-be6aae30da55",
    "d624ed8f-6c77-4b4d-9eb5-37ffce8fcb6a",
)
SECRETS = ("contact1@example.org", "contact2@example.org", "000-0000000")


def ncdc_entry(**changes: Any) -> dict[str, Any]:
    """A record as the National Cryosphere Desert Data Center writes them."""
    entry: dict[str, Any] = {
        "id": "0a4269e1-65f4-45f1-aeba-88ea3068eebf",
        "title_cn": "青藏高原积雪深度",
        "title_en": "Snow depth of the Tibetan Plateau",
        "ds_abstract": "<p>&emsp;积雪深度 &lt; 1 米。</p><p>第二段。</p>",
        "ds_acq_start_time": "2001-01-01 00:00:00",
        "ds_acq_end_time": "2005-12-31 00:00:00",
        "ds_acq_lon_west": 75.0,
        "ds_acq_lat_south": 26.0,
        "ds_acq_lon_east": 105.0,
        "ds_acq_lat_north": 40.0,
        "ds_share_type": "open-access",
        "ds_space_res": "0.25°",
        "ds_time_res": "日",
        "ds_format": "*.nc",
        "ds_serv_man": "某人",
        "ds_serv_mail": SECRETS[0],
        "ds_serv_phone": SECRETS[2],
        "ds_contributors": [{"true_name": "甲", "email": SECRETS[1], "work_for": "某研究所", "country": "中国"}],
        "license_type": "https://creativecommons.org/licenses/by/4.0/",
        "protected": False,
        "protected_to": None,
        "lang": "zh",
        "cstr": "11738.11.NCDC.TEST.DB0001.2024",
        "doi_value": "10.12072/ncdc.test.db0001.2024",
        "i18n": {"en": {"title": "Snow depth of the Tibetan Plateau", "ds_abstract": "<p>Snow depth.</p>"}},
        "quality_level": 3,
    }
    return entry | changes


def harvested(value: Any, name: str = "test.json") -> Harvested:
    """The one record of a JSON value or of XML."""
    data = value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()
    content = Content(data, name)
    found = list(records(content, recognised(content)))
    assert len(found) == 1, found
    assert isinstance(found[0], Harvested), found[0]
    return found[0]


def all_of(path: Path) -> list[Harvested]:
    """Every record of a file, none of which is refused."""
    content = read_file(path)
    found = list(records(content, recognised(content)))
    assert all(isinstance(record, Harvested) for record in found), found
    return [record for record in found if isinstance(record, Harvested)]


@contextmanager
def served(pages: dict[str, Answer] | Callable[..., Answer]) -> Iterator[tuple[str, list[str]]]:
    """An HTTP server of this machine that answers paths with (status, headers, body); its URL and what was asked.

    A function is given the path, and the headers of the request if it takes them.
    """
    answer = pages if callable(pages) else lambda path: pages.get(path, (404, {}, b""))
    takes_headers = "headers" in inspect.signature(answer).parameters
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            given = (self.path, dict(self.headers)) if takes_headers else (self.path,)
            status, headers, body = answer(*given)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
