"""Starting somebody's program: in this process's place, or below it where something is to be done after its end."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType

# What Python ignores from its start on, and no program expects to be ignored.
_IGNORED_BY_PYTHON = ("SIGPIPE", "SIGXFSZ", "SIGXFZ")
# What somebody may send to us and means the program; the terminal's own go to both of us.
_HANDED_ON = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM")
_OF_THE_TERMINAL = ("SIGINT", "SIGQUIT")
# As shells have it.
_NOT_TO_BE_RUN, _NOT_FOUND = 126, 127


class NotStarted(RiverheadError):  # noqa: N818 - reads as what it is
    """There is no such program, or it may not be run; `code` is what a shell would end with."""

    def __init__(self, word: str, error: OSError) -> None:
        super().__init__(f"cannot run {printable(word)} ({error.strerror})")
        self.code = _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_TO_BE_RUN


def become(words: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Go on as this program: its exit code, signals, terminal and files are its own, because nothing is in between."""
    if os.name == "nt":
        # There it would start another process, and end this one at once.
        raise SystemExit(followed(words, environment))
    for number in _known(_IGNORED_BY_PYTHON):
        signal.signal(number, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    try:
        os.execvpe(words[0], list(words), dict(environment))  # noqa: S606 - the words are a person's own; no shell reads them
    except OSError as error:
        raise NotStarted(words[0], error) from error


def followed(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run this program to its end and return its exit code, or the signal it died of as a negative number.

    It has our terminal and our files; signals that reach only us are handed on.
    """
    with _HandingOn() as handing_on:
        try:
            program = subprocess.Popen(list(words), env=dict(environment), close_fds=False)
        except OSError as error:
            raise NotStarted(words[0], error) from error
        handing_on.to(program)
        return program.wait()


class _HandingOn:
    """Hands signals on to a program, those as well that come while it is being started."""

    def __init__(self) -> None:
        self._typed = _known(_OF_THE_TERMINAL)
        # As after `nohup`: what is ignored here is ignored there, too.
        numbers = [
            number for number in (*_known(_HANDED_ON), *self._typed) if signal.getsignal(number) is not signal.SIG_IGN
        ]
        self._before = {number: signal.getsignal(number) for number in numbers}
        self._program: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def __enter__(self) -> _HandingOn:
        for number in self._before:
            signal.signal(number, self._hand_on)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def to(self, program: subprocess.Popen[bytes]) -> None:
        """Hand on to this program from now on."""
        self._program = program
        for number in self._early:
            program.send_signal(number)

    def _hand_on(self, number: int, _frame: FrameType | None) -> None:
        if number in self._typed and _is_in_front():
            return
        if self._program is None:
            self._early.append(number)
        else:
            self._program.send_signal(number)


def end_as(code: int) -> int:
    """Return an exit code, or die of the signal that the program died of: who waits for us sees what became of it."""
    if code >= 0:
        return code
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        # The program has left its own core dump.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    return 128 - code  # of a signal that ends nobody by default


def _is_in_front() -> bool:
    """Return whether a terminal has us in front, so that what is typed there has reached the program as well."""
    with contextlib.suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        try:
            return os.tcgetpgrp(terminal) == os.getpgrp()
        finally:
            os.close(terminal)
    return False


def _known(names: Sequence[str]) -> list[signal.Signals]:
    return [getattr(signal, name) for name in names if hasattr(signal, name)]
