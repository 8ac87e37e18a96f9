"""A real PostgreSQL on loopback, from the programs that this machine has; it ends with its test and leaves nothing."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_DEBIAN = Path("/usr/lib/postgresql")
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "16MB",
    "fsync": "off",
}


class Server:
    """A server with one database, `postgres`, and one user, its owner."""

    def __init__(self) -> None:
        self._psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed here")
        self._programs = _programs()
        self.password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = int(held.getsockname()[1])

    def __enter__(self) -> Self:
        # Not pytest's own folder: the server's user may not enter it.
        self._folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

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

    def _start(self, seconds: float = 60.0) -> None:
        password, data = self._folder / "password", self._folder / "data"
        password.write_text(self.password, encoding="utf-8")
        who = _not_root()
        if who:
            for path in (self._folder, password):
                os.chown(path, who["user"], who["group"])
        words = ["-D", str(data), "-U", "owner", "--pwfile", str(password), "--auth=scram-sha-256", "--no-sync"]
        subprocess.run(
            [self._programs / "initdb", *words, "--encoding=UTF8", "--locale=C"],
            cwd=self._folder, check=True, capture_output=True, timeout=seconds, **who,
        )  # fmt: skip
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", str(data), "-p", str(self.port), *settings],
                cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **who,
            )  # fmt: skip
        deadline = time.monotonic() + seconds
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < deadline, "the server does not answer"

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except self._psycopg.OperationalError:
            return False
        return True

    def _end(self) -> None:
        if self._process is not None:
            # As pg_ctl does it with `-m immediate`: the children go too.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)


def _programs() -> Path:
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted((path.parent for path in _DEBIAN.glob("*/bin/initdb")), key=lambda path: float(path.parent.name))
    if not found:
        pytest.skip("PostgreSQL is not installed here, so none can be started")
    return found[-1]


def _not_root() -> dict[str, Any]:
    """Return how to start a program as somebody else, because PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.skip("PostgreSQL does not run as root, and there is no other user here to run it")
