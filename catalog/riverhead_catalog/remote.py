"""Asking a catalog that runs somewhere else."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from riverhead_catalog.links import trace_from_json
from riverhead_catalog.questions.words import plain
from riverhead_emitter.errors import ConfigurationError, RiverheadError, Unavailable

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

    from riverhead_catalog.links import Trace

_TIMEOUT_SECONDS = 30
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def upstream(catalog: str, column: str, namespace: str | None) -> Trace:
    """Return everything upstream of a column."""
    wanted = {"column": column} | ({"namespace": namespace} if namespace else {})
    return trace_from_json(_asked(catalog, f"/api/v2/upstream?{urlencode(wanted)}"))


def _asked(catalog: str, path: str) -> Any:
    address = urlsplit(catalog)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise ConfigurationError(f"--catalog takes an address such as http://127.0.0.1:5000; {plain(catalog)} is none.")
    request = Request(catalog.rstrip("/") + path, headers={"accept": "application/json"})  # noqa: S310 - http checked above
    try:
        with _opener(address.hostname).open(request, timeout=_TIMEOUT_SECONDS) as response:
            return json.load(response)
    except HTTPError as refusal:
        raise _refusal(refusal, catalog) from refusal
    except (URLError, HTTPException, OSError, ValueError) as failure:
        raise Unavailable(
            f"No catalog answers at {plain(catalog)} ({plain(str(getattr(failure, 'reason', failure)))}): start "
            "`riverhead serve`, or name another with --catalog."
        ) from failure


def _opener(host: str) -> OpenerDirector:
    # A proxy that the environment names cannot reach this machine's own loopback.
    return build_opener(ProxyHandler({})) if host in _LOCAL else build_opener()


def _refusal(refusal: HTTPError, catalog: str) -> RiverheadError:
    try:
        message = json.load(refusal)["message"]
    except (ValueError, KeyError, TypeError):
        return Unavailable(
            f"{plain(catalog)} answers {refusal.code}, which no Riverhead catalog does: check --catalog."
        )
    return RiverheadError(plain(str(message)))
