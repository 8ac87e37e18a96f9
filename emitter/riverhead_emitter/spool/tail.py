"""The end of a segment: a line is added whole or not at all, and what a dead writer left of one is made void."""

from __future__ import annotations

import os

from riverhead_emitter.spool import segment

_PIECE = 1 << 16


def is_added(fd: int, line: bytes) -> bool:
    """Write a line where `fd` stands, which is the end; False, and nothing of it stays, without room for all of it."""
    written = os.write(fd, line)
    if written == len(line):
        return True
    # A torn line would hide those behind it, so take it back.
    os.ftruncate(fd, os.fstat(fd).st_size - written)
    return False


def end_of_lines(fd: int) -> int:
    """Return where the last whole line ends; what stands behind it was never accepted."""
    end = os.fstat(fd).st_size
    while end > segment.HEADER_LENGTH:
        start = max(end - _PIECE, segment.HEADER_LENGTH)
        found = os.pread(fd, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return segment.HEADER_LENGTH


def take_back(fd: int) -> None:
    """Remove half a line, for its own writer: nobody passes one while that lives."""
    os.ftruncate(fd, end_of_lines(fd))


def make_void(fd: int) -> None:
    """Turn half a line of a dead writer into a line of which nothing is read.

    In place, as sinks may have passed it already, and what is added must begin where they go on.
    """
    start, end = end_of_lines(fd), os.fstat(fd).st_size
    if start < end:
        os.pwrite(fd, b" ", start)
        os.pwrite(fd, b"\n", end - 1)


def is_void(line: bytes) -> bool:
    """True of what `make_void` has left; a record begins with its checksum."""
    return line[:1].isspace()
