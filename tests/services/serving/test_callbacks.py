"""Callbacks of jobs: who is called with what and when, what is tried again, and whom nobody may have called."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from config.errors import InvalidInput, InvalidParameter, SourceRefused
from config.settings import JobsSettings, Settings
from records.jobs.callbacks import DELAYS, MOST_ATTEMPTS, Callbacks
from records.jobs.job_store import Jobs
from services.processes.requests.subscriber import require_callable, subscriber_of
from services.serving.callbacks import CallbackSender, post
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

HERE = Settings(jobs=JobsSettings(callbacks_private=True))


class Listener:
    """What an address was called with."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.calls: list[tuple[str, str, bytes]] = []
        self.statuses: list[int] = []


@contextmanager
def listening() -> Iterator[Listener]:
    """A server that takes calls, and answers with `statuses` first, then 204."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.calls.append((self.path, self.headers["Content-Type"], body))
            self.send_response(listener.statuses.pop(0) if listener.statuses else 204)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        listener = Listener(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()


def job_of(jobs: Jobs, url: str) -> str:
    urls = subscriber_of(
        {"successUri": f"{url}/ok?a=b", "inProgressUri": f"{url}/running", "failedUri": f"{url}/failed"}
    )
    return jobs.create("echo", b"{}", most_alive=100, callbacks=urls)


def test_an_address_hears_of_the_event_that_happens_and_no_other(engine: Engine) -> None:
    jobs = Jobs(engine)
    with listening() as listener, CallbackSender(jobs, HERE) as sender:
        good, bad = job_of(jobs, listener.url), job_of(jobs, listener.url)
        sender.wake()
        for job in (good, bad):
            jobs.start(job)
        eventually(lambda: len(listener.calls), lambda count: count == 2)
        jobs.succeed(good, b'{"a":1}', "application/json")
        jobs.dismiss(bad)
        eventually(lambda: len(listener.calls), lambda count: count == 4)
        eventually(Callbacks(engine).are_open, lambda are: not are)
    by_path = {path: (kind, body) for path, kind, body in listener.calls}
    assert by_path["/ok?a=b"] == ("application/json", b'{"a":1}')
    failed = json.loads(by_path["/failed"][1])
    assert (failed["jobID"], failed["status"]) == (bad, "dismissed")
    assert json.loads(by_path["/running"][1])["status"] == "running"
    assert [path for path, _, _ in listener.calls].count("/running") == 2


def test_a_call_that_fails_is_tried_again_a_few_times(engine: Engine) -> None:
    jobs, callbacks = Jobs(engine), Callbacks(engine)
    job = jobs.create("echo", b"{}", most_alive=100, callbacks={"success": "http://127.0.0.1:9/"})
    assert callbacks.take(most=5) == []  # nothing has happened
    jobs.start(job)
    jobs.succeed(job, b"1", "application/json")
    for attempt in range(1, MOST_ATTEMPTS + 1):
        [callback] = callbacks.take(most=5)
        assert callback.attempts == attempt
        assert callbacks.take(most=5) == []  # nobody else gets it meanwhile
        assert callbacks.postpone(callback, "it answers 500") == (attempt < MOST_ATTEMPTS)
        with engine.begin() as connection:
            waits = "select extract(epoch from due - now())::float, fault from job_callbacks"
            row = connection.execute(text(waits)).one_or_none()
            if attempt < MOST_ATTEMPTS:
                assert row is not None
                assert row == (pytest.approx(DELAYS[attempt - 1].total_seconds(), abs=2), "it answers 500")
            connection.execute(text("update job_callbacks set due = now()"))
    assert not callbacks.are_open()


def test_a_removed_job_takes_its_callbacks_with_it(engine: Engine) -> None:
    jobs = Jobs(engine)
    job = job_of(jobs, "http://127.0.0.1:9")
    jobs.dismiss(job)
    jobs.remove(job)
    assert not Callbacks(engine).are_open()


def test_an_answer_that_is_not_2xx_is_a_fault_and_redirects_are_not_followed() -> None:
    with listening() as listener:
        listener.statuses = [302, 500]
        assert post(f"{listener.url}/a", b"", "text/plain", allow_private=True).startswith("it answers 302")
        assert post(f"{listener.url}/a", b"", "text/plain", allow_private=True).startswith("it answers 500")
        assert post(f"{listener.url}/a", b"x", "text/plain", allow_private=True) == ""
    assert [path for path, _, _ in listener.calls] == ["/a"] * 3


def test_a_private_address_is_not_called_even_if_it_was_accepted() -> None:
    with listening() as listener, pytest.raises(SourceRefused, match="private network"):
        post(listener.url, b"", "text/plain", allow_private=False)
    assert listener.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest",
        "http://[::ffff:10.0.0.1]/",
        "http://0x7f.1/",
        "http://[::1]",
    ],
)
def test_an_address_that_leads_inside_is_refused_at_acceptance(url: str) -> None:
    with pytest.raises(InvalidParameter, match="CALLBACKS_PRIVATE"):
        require_callable({"success": url}, JobsSettings())
    require_callable({"success": "http://127.0.0.1/"}, JobsSettings(callbacks_private=True))
    with pytest.raises(InvalidInput, match="calls no one back"):
        require_callable({"success": "http://127.0.0.1/"}, JobsSettings(callbacks=False))


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"inProgressUri": "http://example.org/"},
        {"successUri": "ftp://example.org/"},
        {"successUri": 1},
        {"successUri": "http://user:secret@example.org/"},
        {"successUri": "http://example.org/" + 2000 * "a"},
        {"successUri": "http://example.org/", "otherUri": "http://example.org/"},
    ],
)
def test_what_is_no_subscriber_is_refused(value: Any) -> None:
    with pytest.raises((InvalidInput, InvalidParameter)) as refused:
        subscriber_of(value)
    assert "secret" not in str(refused.value)
