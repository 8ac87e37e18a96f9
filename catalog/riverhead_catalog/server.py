"""The application: its routes, whom it answers, the headers of every answer, and the life of the writer."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from riverhead_catalog import page
from riverhead_catalog.answers import Refusal, answer, refused
from riverhead_catalog.api import resources as own
from riverhead_catalog.marquez import resources as marquez
from riverhead_catalog.store import unprojected
from riverhead_catalog.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, MutableMapping
    from typing import Any

    from sqlalchemy import Engine
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

# Nothing but our own files: no inline script or style, no frame, no form, no other origin.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
# A page elsewhere can point a name of its own at this machine (DNS rebinding), but none of these.
_LOOPBACK = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?", re.IGNORECASE | re.ASCII)
_ELSEWHERE = (
    "This catalog answers on this machine only, as 127.0.0.1 or localhost: ask it by that name, or start "
    "`riverhead serve` with --host and --insecure-without-tokens where the network itself is guarded."
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class _Segment(Convertor[str]):
    """One segment of a path that is matched while still encoded, so that `%2F` stays inside a name."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return unquote(value, errors="replace")

    def to_string(self, value: str) -> str:
        return value


def application(engine: Engine, *, is_open: bool = False) -> Starlette:
    """Return the application over a store; unless it is open it answers only what is asked of this machine by name."""
    register_url_convertor("segment", _Segment())
    app = Starlette(
        routes=[
            Mount("/api/v1", routes=marquez.routes()),
            Mount("/api/v2", routes=own.routes()),
            Route("/healthz", _health),
            *page.routes(),
        ],
        exception_handlers={Refusal: refused, HTTPException: _no_route, OperationalError: _unavailable},
        lifespan=_writing,
    )
    app.state.engine = engine
    app.add_middleware(_Edge, is_open=is_open)
    return app


@asynccontextmanager
async def _writing(app: Starlette) -> AsyncIterator[None]:
    writer = Writer(app.state.engine)
    writer.start()
    app.state.writer = writer
    try:
        yield
    finally:
        writer.stop()


def _health(request: Request) -> Response:
    with request.app.state.engine.connect() as connection:
        failed = unprojected.count(connection)
    return answer({"status": "ok", "eventsNotProjected": failed})


async def _no_route(_request: Request, failure: Exception) -> Response:
    assert isinstance(failure, HTTPException)  # noqa: S101 - registered for this class only
    return answer(
        {"code": failure.status_code, "message": f"HTTP {failure.status_code} {failure.detail}"}, failure.status_code
    )


async def _unavailable(_request: Request, _failure: Exception) -> Response:
    return answer({"code": 503, "message": "The store cannot be read now; try again."}, 503)


class _Edge:
    """Refuses foreign hosts, routes by the path as it was sent, and puts the safety headers on every answer."""

    def __init__(self, app: ASGIApp, *, is_open: bool) -> None:
        self._app = app
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_HEADERS]
            await send(message)

        if not self._is_open and not _LOOPBACK.fullmatch(Headers(scope=scope).get("host", "")):
            await answer({"code": 421, "message": _ELSEWHERE}, 421)(scope, receive, sending)
            return
        raw = scope.get("raw_path") or scope["path"].encode()
        await self._app({**scope, "path": raw.decode("latin-1")}, receive, sending)
