"""Asking a catalog that runs somewhere else."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from riverhead_catalog.links import trace_from_json
from riverhead_catalog.questions.words import plain
from riverhead_emitter.errors import ConfigurationError, RiverheadError, Unavailable
from riverhead_emitter.redaction import scrubbed

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

    from riverhead_catalog.links import Trace

_TIMEOUT_SECONDS = 30
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def upstream(catalog: str, column: str, namespace: str | None) -> Trace:
    """Return everything upstream of a column."""
    wanted = {"column": column} | ({"namespace": namespace} if namespace else {})
    answer = _asked(catalog, f"/api/v2/upstream?{urlencode(wanted)}")
    try:
        return trace_from_json(json.loads(answer))
    except (ValueError, KeyError, TypeError, RecursionError) as failure:
        raise Unavailable(f"{_shown(catalog)} answers, but is no Riverhead catalog: check --catalog.") from failure


def _asked(catalog: str, path: str) -> bytes:
    opener = _opener(_host(catalog))
    request = Request(catalog.rstrip("/") + path, headers={"accept": "application/json"})  # noqa: S310 - `_host` takes http only
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            answer: bytes = response.read()
            return answer
    except HTTPError as refusal:
        raise _refusal(refusal, catalog) from refusal
    except (URLError, HTTPException, OSError, ValueError) as failure:
        raise Unavailable(
            f"No catalog answers at {_shown(catalog)} ({_shown(str(getattr(failure, 'reason', failure)))}): start "
            "`riverhead serve`, or name another with --catalog."
        ) from failure


def _host(catalog: str) -> str:
    """Return the host of an address; what is none is not told, as there may be a password anywhere in it."""
    try:
        address = urlsplit(catalog)
        # Reading the port checks it.
        is_usable = address.scheme in {"http", "https"} and address.port != 0 and address.username is None
        host = address.hostname if is_usable else None
    except ValueError:
        host = None
    if not host:
        raise ConfigurationError(
            "--catalog takes an address such as http://127.0.0.1:5000, without a user's name; what is given is none."
        )
    return host


def _shown(text: str) -> str:
    return plain(scrubbed(text))


def _opener(host: str) -> OpenerDirector:
    # A proxy that the environment names cannot reach this machine's own loopback.
    return build_opener(ProxyHandler({})) if host in _LOCAL else build_opener()


def _refusal(refusal: HTTPError, catalog: str) -> RiverheadError:
    try:
        message = json.load(refusal)["message"]
    except (ValueError, KeyError, TypeError):
        return Unavailable(
            f"{_shown(catalog)} answers {refusal.code}, which no Riverhead catalog does: check --catalog."
        )
    return RiverheadError(f"{plain(str(message))} The catalog at {_shown(catalog)} was asked.")
