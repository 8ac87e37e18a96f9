"""The format of a segment: one process's records, oldest first, with what each sink has acknowledged.

riverhead-spool 1                       18 bytes with the line's end
<16 hex: sink> <20 digits: offset>      8 slots of 38 bytes, rewritten in place, so a full disk can be drained
<8 hex: crc32> <16 hex: time> <run> <json>      a line per record; the crc covers all that follows it

A line that begins with a space, or is empty, is void: half a line of a dead writer, behind which its last words stand.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING

from riverhead_emitter.errors import UnreadableRecord

if TYPE_CHECKING:
    from collections.abc import Iterable
    from dataclasses import dataclass
else:
    from riverhead_emitter.frozen import dataclass

SUFFIX = ".seg"
MAGIC = b"riverhead-spool 1\n"
SLOTS = 8
FREE = b"-" * 16
# Asked for instead of a sink's key: whichever sink is furthest.
ANY = b"*" * 16
_SLOT_LENGTH = 38
_BEHIND_ANY_END = 1 << 40
HEADER_LENGTH = len(MAGIC) + SLOTS * _SLOT_LENGTH


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a segment: when it was accepted (nanoseconds), of which run, and its JSON."""

    time: int
    run_id: str
    body: bytes


def header(had_by: Iterable[str] = ()) -> bytes:
    """Return the header of a segment of which nothing is acknowledged, but that these sinks need not have at all."""
    slots = [_slot(sink_key(address), _BEHIND_ANY_END) for address in had_by][:SLOTS]
    return MAGIC + b"".join(slots) + _slot(FREE, HEADER_LENGTH) * (SLOTS - len(slots))


def sink_key(address: str) -> bytes:
    """Return the name under which a sink acknowledges."""
    return hashlib.sha256(address.encode()).hexdigest()[:16].encode()


def acknowledged(header: bytes, sink: bytes) -> tuple[int, int]:
    """Return where in the header the sink's slot is, and the offset up to which it has everything."""
    if len(header) != HEADER_LENGTH or not header.startswith(MAGIC):
        raise UnreadableRecord("not a segment of this version")
    slots = {
        start: (header[start : start + 16], _offset(header[start + 17 : start + 37]))
        for start in range(len(MAGIC), HEADER_LENGTH, _SLOT_LENGTH)
    }
    if sink == ANY:
        return max(((start, offset) for start, (_, offset) in slots.items()), key=lambda slot: slot[1])
    for start, (name, offset) in slots.items():
        if name == sink:
            return start, offset
    # With no slot free, the sink that is furthest behind gives up its own: it would be sent to twice, never too little.
    return min(slots, key=lambda start: (slots[start][0] != FREE, slots[start][1])), HEADER_LENGTH


def slot_bytes(sink: bytes, offset: int) -> bytes:
    """Return what a sink writes into its slot."""
    return _slot(sink, offset)


def line_of(record: Record) -> bytes:
    """Return the record as one line."""
    run_id = b"_".join(record.run_id.encode("ascii", "backslashreplace").split())
    tail = b"%016x %s %s" % (record.time, run_id, record.body)
    return b"%08x %s\n" % (zlib.crc32(tail), tail)


def record_of(line: bytes) -> Record:
    """Return the record of a whole line; a damaged one is an UnreadableRecord."""
    try:
        crc, time, run_id, body = line.rstrip(b"\n").split(b" ", 3)
        is_whole = line.endswith(b"\n") and int(crc, 16) == zlib.crc32(memoryview(line)[9:-1])
        record = Record(int(time, 16), run_id.decode("ascii"), body)
    except ValueError as error:
        raise UnreadableRecord("a damaged line") from error
    if not is_whole:
        raise UnreadableRecord("a line whose checksum does not fit")
    return record


def _slot(name: bytes, offset: int) -> bytes:
    return b"%s %020d\n" % (name, offset)


def _offset(digits: bytes) -> int:
    # A damaged acknowledgement says nothing: better sent twice than not at all.
    return max(int(digits), HEADER_LENGTH) if digits.isdigit() else HEADER_LENGTH
