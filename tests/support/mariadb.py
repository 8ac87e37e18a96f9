"""A real MariaDB on loopback, from the programs that this machine has; it ends with its test and leaves nothing."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from database_server import DatabaseServer

if TYPE_CHECKING:
    from pathlib import Path

_SBIN = "/usr/sbin"
_SETTINGS = {
    "bind-address": "127.0.0.1",
    "innodb-buffer-pool-size": "8M",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-log-file-size": "4M",
    "skip-name-resolve": "1",
}


class Server(DatabaseServer):
    """A server with one database, `shop`, and one user, its owner."""

    name = "MariaDB"
    users = ("mysql",)
    end = signal.SIGTERM

    def __init__(self) -> None:
        super().__init__()
        self._program = _program("mariadbd")
        self._maker = _program("mariadb-install-db")

    def _made(self, folder: Path, who: dict[str, Any]) -> list[str | Path]:
        data, first = folder / "data", folder / "first.sql"
        # Of each line it does the first statement only.
        first.write_text(
            f"CREATE DATABASE shop;\nCREATE USER owner@'127.0.0.1' IDENTIFIED BY '{self.password}';\n"
            "GRANT ALL ON shop.* TO owner@'127.0.0.1';\n",
            encoding="utf-8",
        )
        if who:
            os.chown(first, who["user"], who["group"])
        made = [self._maker, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
        subprocess.run([*made, "--skip-test-db"], cwd=folder, check=True, capture_output=True, timeout=120, **who)
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        own = [f"--datadir={data}", f"--port={self.port}", f"--socket={folder}/s", f"--init-file={first}"]
        return [self._program, "--no-defaults", *own, *settings]

    def _answers(self) -> bool:
        # It greets whoever connects, once it is ready.
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                return bool(connection.recv(1))
        except OSError:
            return False


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), _SBIN]))
    if not found:
        pytest.skip("MariaDB is not installed here, so none can be started")
    return found
