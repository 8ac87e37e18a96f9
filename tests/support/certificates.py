"""A certificate authority of a test's own, with a server's and a client's certificate, made by `openssl`."""

from __future__ import annotations

import atexit
import functools
import shutil
import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"


@dataclass(frozen=True)
class Certificates:
    """PEM files; `other_authority` has signed none of them."""

    authority: Path
    other_authority: Path
    server: Path
    client: Path
    client_key: Path

    def server_context(self, *, asks_client: bool = False) -> ssl.SSLContext:
        """Return what a server needs; with `asks_client` it takes nobody without a certificate of this authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server)
        if asks_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.authority)
        return context


@functools.cache
def certificates() -> Certificates:
    """Make the files once for all tests of a process; they end with it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed here, so there are no certificates to serve with")
    folder = Path(tempfile.mkdtemp(prefix="riverhead-certificates-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("authority", "other"):
        _openssl("req", "-x509", *_key(folder / f"{name}.key"), "-subj", f"/CN={name}", "-out", folder / f"{name}.pem")
    for name in ("server", "client"):
        signed_by = ("-CA", folder / "authority.pem", "-CAkey", folder / "authority.key")
        certificate = ("-subj", f"/CN={name}", "-addext", _NAMES, *signed_by, "-out", folder / f"{name}.pem")
        _openssl("req", "-x509", *_key(folder / f"{name}.key"), *certificate)
    server = folder / "server-with-key.pem"
    server.write_text((folder / "server.pem").read_text() + (folder / "server.key").read_text())
    return Certificates(
        folder / "authority.pem", folder / "other.pem", server, folder / "client.pem", folder / "client.key"
    )


def _key(path: Path) -> tuple[str | Path, ...]:
    return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-keyout", path, "-days", "2")


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=30)
