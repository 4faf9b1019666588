"""The Dask cluster obeys nobody but the processes of its own run."""

from __future__ import annotations

import socket
import ssl
import stat
from pathlib import Path

import pytest

from config.errors import EnvironmentFault
from config.settings import DaskSettings, Settings
from services.compute import cluster_client as link
from services.serving.credentials import temporary
from services.serving.supervisor import cluster_access

pytestmark = pytest.mark.served


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "CONNECT_S", 1)  # a refused client tries again until then


def test_a_client_with_the_credentials_of_the_run_is_obeyed(dask: DaskSettings) -> None:
    with link.connect(dask) as client:
        assert client.submit(divmod, 17, 5).result(timeout=20) == (3, 2)


def test_a_client_without_credentials_is_refused(dask: DaskSettings) -> None:
    plain = DaskSettings(scheduler=dask.scheduler.replace("tls://", "tcp://"))
    with pytest.raises(EnvironmentFault, match="does not answer"):
        link.connect(plain)


def test_a_client_with_credentials_of_another_run_is_refused(dask: DaskSettings) -> None:
    with temporary(DaskSettings()) as other, pytest.raises(EnvironmentFault, match="certificate does not match"):
        link.connect(other.model_copy(update={"scheduler": dask.scheduler}))


def test_a_client_that_trusts_anybody_but_has_no_certificate_is_refused(dask: DaskSettings) -> None:
    host, port = dask.scheduler.removeprefix("tls://").split(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, int(port))) as link_,
        context.wrap_socket(link_) as secured,
        pytest.raises(ssl.SSLError, match=r"(?i)certificate.required"),
    ):
        secured.recv(1)


def test_the_credentials_are_for_this_user_only_and_go_with_the_run() -> None:
    with temporary(DaskSettings()) as settings:
        files = [Path(settings.tls_ca), Path(settings.tls_cert), Path(settings.tls_key)]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert {stat.S_IMODE(file.parent.stat().st_mode) for file in files} == {0o700}
    assert not any(file.parent.exists() for file in files)


def test_a_credentials_file_that_is_missing_is_named() -> None:
    settings = DaskSettings(scheduler="tls://localhost:1", tls_ca="/no/ca.pem", tls_cert="/no/c.pem", tls_key="/no/k")
    with pytest.raises(EnvironmentFault, match=r"dask\.tls_ca=/no/ca\.pem"):
        link.connect(settings)


@pytest.mark.parametrize(("scheme", "warned"), [("tcp", True), ("tls", False)])
def test_a_cluster_of_the_operator_s_without_tls_is_warned_about(
    caplog: pytest.LogCaptureFixture, scheme: str, *, warned: bool
) -> None:
    files = {"tls_ca": "ca", "tls_cert": "cert", "tls_key": "key"}
    given = DaskSettings(scheduler=f"{scheme}://localhost:8786", **files)
    with cluster_access(Settings(dask=given)) as found:
        assert found == given
    assert ("without TLS" in caplog.text) == warned
