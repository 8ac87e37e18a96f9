"""What a person should know of the openlineage.yml that is read, or is not: keys that nobody knows, a type left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_emitter.checks import Finding
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.nearest import nearest
from riverhead_emitter.printable import printable
from riverhead_emitter.settings.openlineage_file import CONFIG, document_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# What the official client 1.54 reads at the top, and what its transports of these types do.
_TOP = ("transport", "facets", "filters", "tags", "dataset")
_OF_ALL = ("type", "name", "priority")
_HTTP = (
    *("url", "endpoint", "timeout", "verify", "auth", "compression", "custom_headers", "retry", "sslContext", "proxy"),
    *("max_queue_size", "max_concurrent_requests", "session", "adapter", "ssl_context", "customHeaders"),
)
_OPTIONS: dict[str, tuple[str, ...]] = {
    "http": _HTTP,
    "async_http": _HTTP,
    "kafka": ("topic", "config", "messageKey", "message_key", "flush"),
    "file": ("log_file_path", "append", "filesystem", "fs_kwargs", "storage_options", "debug_mode"),
    "console": (),
    "noop": (),
    "composite": (*("transports", "continue_on_failure", "continue_on_success", "sort_transports"),),
}
_LISTED = 10


def file_findings(path: str) -> Iterator[Finding]:
    """Yield what the file says that nobody reads."""
    try:
        document = document_in(path)
    except ConfigurationError:
        return  # a finding of its own
    yield from _unknown("at the top of", document, _TOP, path)
    transport = document.get("transport")
    if not isinstance(transport, dict):
        return
    if transport.get("url") and not transport.get("type"):
        yield Finding(
            "problem",
            f"transport in {printable(path, 300)} has a url and no type, so it is not used; add `type: http`",
        )
    known = _OPTIONS.get(str(transport.get("type", "http")).lower())
    if known is not None:
        yield from _unknown("in transport of", transport, (*_OF_ALL, *known), path)


def unused_file(environment: Mapping[str, str], read: str | None) -> Iterator[Finding]:
    """Yield why the file that OPENLINEAGE_CONFIG names is not the one that is read, if it is not."""
    named = environment.get(CONFIG)
    if not named or read == str(Path(named).absolute()):
        return
    try:
        is_there, may_read = Path(named).is_file(), os.access(named, os.R_OK)
    except (OSError, ValueError):
        is_there = may_read = False
    if is_there and may_read:
        told = f"{CONFIG} names a file, and RIVERHEAD_READ_CONFIG_FILE says to read none; unset one of the two"
    elif is_there:
        told = f"{CONFIG} names a file that cannot be read by this user; give it the right to, or name another"
    else:
        told = f"{CONFIG} names a file that cannot be read, because it is not there; correct the name, or unset it"
    yield Finding("problem", told)


def _unknown(where: str, found: Iterable[str], known: tuple[str, ...], path: str) -> Iterator[Finding]:
    for key in [key for key in found if key not in known and key.lower() not in known][:_LISTED]:
        near = nearest(key, known)
        hint = f"; did you mean {near}?" if near else ""
        yield Finding("note", f"unknown key {printable(key)} {where} {printable(path, 300)}{hint}")
