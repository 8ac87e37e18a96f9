"""A running catalog: the web server, its line when it is ready, and the drainer beside it."""

from __future__ import annotations

import ipaddress
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import uvicorn

from riverhead_catalog.server import application

if TYPE_CHECKING:
    import socket

    from sqlalchemy import Engine

_SECONDS_TO_FINISH = 10
_SECONDS_FOR_THE_DRAINER = 5
_LONGEST_HEAD = 256 * 1024  # an address may hold a dataset's name of ten thousand characters, percent-encoded


class Service:
    """The catalog over a store on a listening socket."""

    def __init__(self, engine: Engine, listening: socket.socket, *, drains: bool) -> None:
        self._listening = listening
        self._drains = drains
        self._drainer: subprocess.Popen[bytes] | None = None
        self._server = _Server(
            uvicorn.Config(
                application(engine, is_open=not _is_loopback(listening)),
                http="h11",
                ws="none",
                lifespan="on",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_SECONDS_TO_FINISH,
                h11_max_incomplete_event_size=_LONGEST_HEAD,
            ),
            self,
        )

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = self._listening.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM; whatever was accepted is durable by then."""
        # uvicorn raises the signal again once it has finished; for a server a stop that was asked for is no failure.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _ignored)
        try:
            self._server.run(sockets=[self._listening])
        finally:
            self._end_drainer()

    def ready(self) -> None:
        """Say where the page is, and begin to fetch what waits in local spools."""
        sys.stdout.write(f"Riverhead is at {self.url}/\n")
        sys.stdout.flush()
        if self._drains:
            words = ["-m", "riverhead", "drain", "--follow", "--waiting-to", self.url, "--with-pid", str(os.getpid())]
            self._drainer = subprocess.Popen([sys.executable, *words], stdin=subprocess.DEVNULL)

    def _end_drainer(self) -> None:
        if self._drainer is None:
            return
        self._drainer.terminate()
        try:
            self._drainer.wait(_SECONDS_FOR_THE_DRAINER)
        except subprocess.TimeoutExpired:
            self._drainer.kill()
            self._drainer.wait()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._service.ready()


def _is_loopback(listening: socket.socket) -> bool:
    return ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback


def _ignored(_number: int, _frame: object) -> None:
    """Do nothing: the server has already stopped for this signal."""
