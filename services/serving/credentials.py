"""Credentials of one run's Dask cluster: who has not got them can neither see jobs nor have the cluster run code.

The scheduler and its workers listen on loopback, which every user of the machine reaches, and a Dask scheduler runs
any code it is sent. So each connection is TLS and both ends prove that they hold this run's key. Key and certificate
are made at the start, kept in a folder that only this user opens, and removed at the end.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import DaskSettings

_VALID = timedelta(days=3650)
_CLOCK_SKEW = timedelta(days=1)


@contextmanager
def temporary(settings: DaskSettings) -> Iterator[DaskSettings]:
    """The settings with credentials of their own, whose files (0600, in a folder 0700) exist during the block."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = _certificate(key).public_bytes(Encoding.PEM)
    with tempfile.TemporaryDirectory(prefix="graticule-") as folder:  # made with mode 0700
        certificate = _write(Path(folder) / "certificate.pem", public)
        files = {"tls_ca": certificate, "tls_cert": certificate, "tls_key": _write(Path(folder) / "key.pem", private)}
        yield settings.model_copy(update=files)


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate that the key signs itself: it is its own authority."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "graticule")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _VALID)
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, data: bytes) -> str:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
    return str(path)
