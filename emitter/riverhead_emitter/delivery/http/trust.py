"""Whom a secure connection trusts, and how it names itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    import ssl

    from riverhead_emitter.settings import HttpSink


def context_for(sink: HttpSink) -> ssl.SSLContext:
    """Return the TLS context of a sink: its own certificate authorities if it names some, else the system's."""
    with loading():
        import ssl

    try:
        file, folder = _authorities(sink.ca_file)
        context = ssl.create_default_context(cafile=file, capath=folder)
        if not sink.is_verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if sink.client_certificate:
            # With a function for the passphrase, as OpenSSL would ask the terminal, and wait.
            context.load_cert_chain(sink.client_certificate, sink.client_key, lambda: "")
    except OSError as error:  # among them ssl.SSLError
        raise ConfigurationError(f"the certificates for {sink.address} cannot be used: {error}") from error
    return context


def default_context(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that always verifies, and trusts the system's authorities and perhaps one more."""
    with loading():
        import ssl

    try:
        context = ssl.create_default_context()
        if ca_file:
            context.load_verify_locations(*_authorities(ca_file))
    except OSError as error:  # among them ssl.SSLError
        raise ConfigurationError(f"the certificate authorities in {ca_file} cannot be used: {error}") from error
    return context


def _authorities(path: str | None) -> tuple[str | None, str | None]:
    """Return a path as a file of authorities, or as a directory of them, which `openssl rehash` makes."""
    return (None, path) if path and Path(path).is_dir() else (path, None)
