"""A real PostgreSQL on loopback, from the programs that this machine has; it ends with its test and leaves nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from database_server import DatabaseServer

_DEBIAN = Path("/usr/lib/postgresql")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "fsync": "off",
}


class Server(DatabaseServer):
    """A server with one database, `postgres`, and one user, its owner."""

    name = "PostgreSQL"
    users = ("postgres",)
    # As pg_ctl does it with `-m immediate`: the children go too.
    end = signal.SIGQUIT

    def __init__(self) -> None:
        super().__init__()
        self._psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed here")
        self._programs = _programs()

    def connect(self, name: str = "postgres", **settings: Any) -> Any:
        """Return a new psycopg connection to a database."""
        return self._psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="owner",
            password=self.password,
            dbname=name,
            connect_timeout=10,
            **settings,
        )

    def create_database(self, name: str) -> None:
        """Make one more database."""
        with self.connect(autocommit=True) as connection:
            connection.execute(f'create database "{name}"')

    def url(self, name: str, *, scheme: str = "postgresql") -> str:
        """Return the address of a database, with all that it takes to log in."""
        return f"{scheme}://owner:{self.password}@127.0.0.1:{self.port}/{name}"

    def _made(self, folder: Path, who: dict[str, Any]) -> list[str | Path]:
        password, data = folder / "password", folder / "data"
        password.write_text(self.password, encoding="utf-8")
        if who:
            os.chown(password, who["user"], who["group"])
        words = ["-D", str(data), "-U", "owner", "--pwfile", str(password), "--auth=scram-sha-256", "--no-sync"]
        subprocess.run(
            [self._programs / "initdb", *words, "--encoding=UTF8", "--locale=C"],
            cwd=folder, check=True, capture_output=True, timeout=60, **who,
        )  # fmt: skip
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        return [self._programs / "postgres", "-D", str(data), "-p", str(self.port), *settings]

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except self._psycopg.OperationalError:
            return False
        return True


def _programs() -> Path:
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted((path.parent for path in _DEBIAN.glob("*/bin/initdb")), key=lambda path: float(path.parent.name))
    if not found:
        pytest.skip("PostgreSQL is not installed here, so none can be started")
    return found[-1]
