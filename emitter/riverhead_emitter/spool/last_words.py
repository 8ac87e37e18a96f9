"""What is said for a process that died without a word: the wills in its segment whose runs nobody ended.

Whoever finds a segment's writer dead, and so holds its lock, adds to that very segment, for each will that stands, the
observation as it would have been, with `"will": null`. That one line says the last words and revokes the will: who is
killed before it has said nothing, who is killed behind it has said it, and the next one finds no will.

The time of death is known to nobody. The process lived when its last record was accepted, and when a drainer last
found its segment locked; it was dead when it was found. If no more lies between the two than a drainer needs to look
again, it died when it was found; else the words name the last moment at which it is known to have lived, as a run that
was found dead in the morning did not work all night. The payload has that moment as `last_sign_of_life`, too.
"""

from __future__ import annotations

import io
import json
import os
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import Unavailable, UnreadableRecord
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.tail import is_added, make_void

if TYPE_CHECKING:
    from collections.abc import Iterator

LAST_SIGN_OF_LIFE = "last_sign_of_life"
# As JSON has the name; within a text its quotes are escaped.
_MARK = b'"will":'
_PIECE = 1 << 20
_LONGEST_LINE = (64 << 20) + 4096
_LARGEST_WILL = 64 << 10
_MOST_WILLS = 10_000
# A drainer looks again after a second or two; with very many writers it takes its time.
_FOUND_AT_ONCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The wills of a segment: by run, where the line is that has it; and when the last record was accepted."""

    wills: dict[str, tuple[int, int]]
    last_time: int


def standing_in(fd: int) -> Standing:
    """Return the wills of runs that no later line of this segment ended; none if part of it cannot be read."""
    wills: dict[str, tuple[int, int]] = {}
    last_time = 0
    try:
        for start, line in _lines_of(fd) if _has_mark(fd) else ():
            last_time = max(last_time, _time_of(line))
            if _MARK in line:
                _note(wills, start, line)
    except UnreadableRecord:
        return Standing({}, 0)
    return Standing(wills, last_time)


def say(fd: int, alive_at: float = 0.0) -> int:
    """Add the last words to the segment of a dead writer, whose lock the caller holds; return of how many runs.

    `alive_at`: when somebody last found the writer alive. Unavailable is raised where there is no room; what was said
    by then stays said.
    """
    standing = standing_in(fd)
    if not standing.wills:
        return 0
    lived, found = max(standing.last_time / 1e9, alive_at), time.time()
    died = found if 0 <= found - lived <= _FOUND_AT_ONCE_SECONDS else lived
    try:
        make_void(fd)
        os.lseek(fd, 0, os.SEEK_END)
        # What began last ends first, as what runs within something else does.
        for at, (start, length) in enumerate(reversed(standing.wills.values()), 1):
            moment = max(time.time_ns(), standing.last_time + at)
            if not is_added(fd, _words(os.pread(fd, length, start), moment, died, lived)):
                raise Unavailable("no room for the last words of a process that has died")
    except OSError as error:
        raise Unavailable(f"cannot say the last words of a process that has died: {error.strerror}") from error
    return len(standing.wills)


def without_will(body: bytes) -> bytes:
    """Return a record that is told again, by a process for which it is no will."""
    if _MARK in body:
        record = _content(body)
        if "will" in record:
            return _json({name: value for name, value in record.items() if name != "will"})
    return body


def _words(line: bytes, moment: int, died: float, lived: float) -> bytes:
    record = segment.record_of(line)
    content = _content(record.body)
    will = content["will"]
    payload = {**content["payload"], **will["changes"], **dict.fromkeys(will["times"], _iso(died))}
    payload[LAST_SIGN_OF_LIFE] = _iso(lived)
    body = _json({**content, "payload": payload, "will": None})
    return segment.line_of(segment.Record(moment, record.run_id, body))


def _note(wills: dict[str, tuple[int, int]], start: int, line: bytes) -> None:
    """Take note of a line that holds a will or revokes one; what cannot be read does neither."""
    try:
        record = segment.record_of(line)
    except UnreadableRecord:
        return
    content = _content(record.body)
    if content.get("will", line) is None:
        wills.pop(record.run_id, None)
    elif _is_will(content.get("will")) and isinstance(content.get("payload"), dict):
        wills.pop(record.run_id, None)
        if len(wills) < _MOST_WILLS:
            wills[record.run_id] = start, len(line)


def _is_will(told: Any) -> bool:
    if not isinstance(told, dict) or not isinstance(told.get("changes"), dict):
        return False
    times = told.get("times")
    is_read = isinstance(times, list) and all(isinstance(name, str) for name in times)
    return is_read and len(_json(told)) <= _LARGEST_WILL


def _content(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _has_mark(fd: int) -> bool:
    """True if anything here looks like a will: most segments have none, and are read no further."""
    at, end = segment.HEADER_LENGTH, b""
    while piece := os.pread(fd, _PIECE, at):
        if _MARK in end + piece[: len(_MARK)] or _MARK in piece:
            return True
        if len(piece) < _PIECE:
            break
        at, end = at + len(piece), piece[-len(_MARK) :]
    return False


def _lines_of(fd: int) -> Iterator[tuple[int, bytes]]:
    with io.BufferedReader(io.FileIO(fd, "rb", closefd=False), _PIECE) as file:
        start = file.seek(segment.HEADER_LENGTH)
        while line := file.readline(_LONGEST_LINE):
            if len(line) >= _LONGEST_LINE:
                raise UnreadableRecord("longer than a record with a will")
            if line.endswith(b"\n"):
                yield start, line
            start += len(line)


def _time_of(line: bytes) -> int:
    try:
        return int(line[9:25], 16)
    except ValueError:
        return 0  # damaged, or void


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode("ascii")


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).isoformat()
