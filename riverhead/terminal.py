"""The command's three streams, whatever it was started with: closed, full, a pipe that ended, another encoding."""

from __future__ import annotations

import contextlib
import io
import os
import sys


def make_ready() -> None:
    """Give closed streams a place to go, and characters that a terminal has not another way to be said."""
    # Otherwise the next file that is opened, a segment say, would be taken for the standard output.
    for fd in range(3):
        if not _is_open(fd):
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    given = sys.stderr
    # A test's own is left alone.
    if given is sys.__stderr__ and given is not None:
        plain = open(given.fileno(), "wb", closefd=False)  # noqa: SIM115 - it is this process's own, to its end
        sys.stderr = _Complaints(plain, given.encoding, errors="backslashreplace")


class _Complaints(io.TextIOWrapper):
    """Standard error, which nobody has to read: what cannot be written there must not stop the work."""

    def write(self, text: str, /) -> int:
        with contextlib.suppress(OSError, ValueError):
            super().write(text)
            super().flush()
            return len(text)
        _send_nowhere(self.fileno())
        return len(text)


def flush() -> None:
    """Write what is still kept back, while there is somebody to hear that it cannot be."""
    if sys.stdout is not None:
        sys.stdout.flush()


def abandon_output() -> None:
    """Let what is still kept back go nowhere, so that the interpreter's end does not complain of it."""
    # A stream of a test has no descriptor.
    with contextlib.suppress(OSError, AttributeError):
        _send_nowhere(sys.stdout.fileno())


def _send_nowhere(fd: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, fd)
    os.close(nowhere)


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def say(sentence: str) -> None:
    """Tell a person what is wrong; if even that cannot be said, the exit code has to do."""
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.write(f"riverhead: {sentence}\n")
        sys.stderr.flush()
