"""Serve the catalog: take OpenLineage events, answer Marquez's API, and show the page.

Needs no configuration: it listens on this machine only, keeps its store in your data directory, and picks up what
hosts on this machine have left in their spools. There it answers only to 127.0.0.1, localhost and [::1], so that no
page in your browser can reach it by a name of its own; beyond this machine it answers to any name.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from riverhead_catalog.check import missing
from riverhead_emitter.errors import ConfigurationError, Unavailable
from riverhead_emitter.extras import how_to_install

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 5000
_HIGHEST_PORT = 65_535
_BACKLOG = 2048


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `riverhead serve`."""
    parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default %(default)s)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port; 0 picks a free one (default %(default)s)")
    parser.add_argument(
        "--store", help="SQLite file to keep everything in (default: catalog.db in your data directory)"
    )
    parser.add_argument("--no-drain", action="store_true", help="leave alone what waits in local spools")
    parser.add_argument(
        "--insecure-without-tokens",
        action="store_true",
        help="listen beyond this machine although nobody has to say who they are",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    absent = missing()
    if absent:
        raise Unavailable(f"`riverhead serve` needs {', '.join(absent)}: {how_to_install('catalog')}")
    # Only here, so that the command can list its verbs where the extra is not installed.
    from riverhead_catalog.serving import Service
    from riverhead_catalog.store.lock import lock
    from riverhead_catalog.store.opening import open_store, path_of

    address = options.store or str(default_store(os.environ))
    with ExitStack() as opened:
        listening = opened.enter_context(listen(options.host, options.port, is_open=options.insecure_without_tokens))
        engine = open_store(address)
        opened.callback(engine.dispose)
        opened.enter_context(lock(path_of(address)))
        Service(engine, listening, drains=not options.no_drain).run()
    return 0


def default_store(environment: Mapping[str, str]) -> Path:
    """Return where the store is when nobody says."""
    data = environment.get("XDG_DATA_HOME", "")
    # The XDG specification wants a relative path ignored.
    root = Path(data) if Path(data).is_absolute() else Path("~/.local/share").expanduser()
    return root / "riverhead" / "catalog.db"


def listen(host: str, port: int, *, is_open: bool) -> socket.socket:
    """Return a socket that listens, or say in one sentence why there can be none."""
    if not 0 <= port <= _HIGHEST_PORT:
        raise ConfigurationError(f"--port takes 0 to {_HIGHEST_PORT}; {port} is none.")
    family, address = _resolved(host, port)
    if not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback and not is_open:
        raise ConfigurationError(
            f"{host} can be reached from other machines, and this release asks nobody who they are: stay on "
            "127.0.0.1, or add --insecure-without-tokens where the network itself is guarded."
        )
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A restart must not wait for the last connections of the one before.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as failure:
        listening.close()
        raise Unavailable(
            f"Cannot listen on {host} port {port} ({failure.strerror}): choose another with --port, where 0 picks one."
        ) from failure
    return listening


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as failure:
        raise Unavailable(f"The host {host} is not known here: give --host an address of this machine.") from failure
    return family, (str(address[0]), port)
