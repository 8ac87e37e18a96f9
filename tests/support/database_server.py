"""What real database servers on loopback have in common: a folder, a port, a process, and nothing left of them."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from conditions import await_that

if TYPE_CHECKING:
    import signal
    from collections.abc import Sequence
    from types import TracebackType

    from typing_extensions import Self


class DatabaseServer(ABC):
    """A server of a program that this machine has; it runs within the block."""

    name: ClassVar[str]
    users: ClassVar[Sequence[str]]
    end: ClassVar[signal.Signals]

    def __init__(self) -> None:
        self.password = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = int(held.getsockname()[1])

    @abstractmethod
    def _made(self, folder: Path, who: dict[str, Any]) -> list[str | Path]:
        """Make an empty server in a folder and return the command that runs it."""

    @abstractmethod
    def _answers(self) -> bool:
        """Return whether it takes connections."""

    def __enter__(self) -> Self:
        # Not pytest's own folder: the server's user may not enter it.
        self._folder = Path(tempfile.mkdtemp(prefix=f"{self.name.lower()}-"))
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

    def _start(self, seconds: float = 60.0) -> None:
        who = self._not_root()
        if who:
            os.chown(self._folder, who["user"], who["group"])
        command = self._made(self._folder, who)
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **who
            )
        await_that(self._is_ready, f"{self.name} answers", seconds)

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        return self._answers()

    def _end(self) -> None:
        if self._process is not None:
            self._process.send_signal(self.end)
            self._process.wait(20)
            self._process = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _not_root(self) -> dict[str, Any]:
        """Return how to start a program as somebody else, because database servers refuse to run as root."""
        if os.geteuid() != 0:
            return {}
        for name in (*self.users, "nobody"):
            try:
                entry = pwd.getpwnam(name)
            except KeyError:
                continue
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        pytest.skip(f"{self.name} does not run as root, and there is no other user here to run it")
