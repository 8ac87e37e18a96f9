"""One record of a spool as a person sees it: where it lies, what it is, and what it says without secrets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riverhead_emitter.delivery.letters import Letter, letters_in
from riverhead_emitter.delivery.quarantine import Apart, apart_in
from riverhead_emitter.errors import ConfigurationError, UnreadableRecord
from riverhead_emitter.printable import printable
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.reader import pending_in
from riverhead_emitter.verbs.destinations import addresses_of, known_destinations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

WAITING, DEAD, QUARANTINED = "waiting", "dead", "quarantined"
KINDS = (WAITING, DEAD, QUARANTINED)
_LONGEST_DAMAGED = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, or one run that is set apart."""

    id: str
    kind: str
    time: float
    run_id: str
    size: int
    reason: str
    goals: tuple[str, ...]  # the sinks that are to have it
    lines: Callable[[], Iterator[bytes]]


def entries_in(directory: Path, kind: str) -> Iterator[Entry]:
    """Yield what a destination holds of a kind, oldest first; one at a time is in memory."""
    if kind == DEAD:
        return (_of_letter(directory, letter) for letter in letters_in(directory))
    if kind == QUARANTINED:
        return (_of_run(directory, apart) for apart in apart_in(directory))
    return _waiting(directory)


def entry_named(values: Mapping[str, str], name: str) -> Entry:
    """Return the entry of an id that `list` printed."""
    destination, _, rest = name.partition("/")
    kind = rest.partition("/")[0]
    if kind not in KINDS:
        raise ConfigurationError(f"{printable(name)} is no id of a record; `riverhead spool list` prints them")
    for directory in known_destinations(values, destination):
        for entry in entries_in(directory, kind):
            if entry.id == name:
                return entry
    raise ConfigurationError(f"there is no {printable(name)} any more; `riverhead spool list` prints what there is")


def id_of_letter(directory: Path, letter: Letter) -> str:
    """Return how a dead letter is called."""
    return f"{directory.name}/{DEAD}/{letter.number}"


def id_of_run_apart(directory: Path, apart: Apart) -> str:
    """Return how a run that is set apart is called."""
    return f"{directory.name}/{QUARANTINED}/{apart.path.stem}"


def content_of(line: bytes, scrubbed: Callable[[str], str]) -> str:
    """Return what a record says, indented, without secrets, and inert in a terminal."""
    try:
        text = scrubbed(segment.record_of(line).body.decode("utf-8", "replace"))
    except UnreadableRecord:
        damaged = scrubbed(line[:_LONGEST_DAMAGED].decode("utf-8", "replace"))
        return f"damaged: {damaged!a}"
    try:
        return json.dumps(json.loads(text), indent=2)
    except (ValueError, RecursionError):
        return ascii(text)


def summary_of(entry: Entry) -> dict[str, Any]:
    """Return an entry without its content, for a program."""
    names = ("id", "kind", "time", "run_id", "size", "reason")
    return {name: getattr(entry, name) for name in names}


def _of_letter(directory: Path, letter: Letter) -> Entry:
    record = letter.record
    run_id = record.run_id if record else ""
    name = id_of_letter(directory, letter)
    size, goals = len(letter.line), (letter.sink,) if letter.sink else ()
    return Entry(name, DEAD, letter.time, run_id, size, letter.reason, goals, lambda: iter([letter.line]))


def _of_run(directory: Path, apart: Apart) -> Entry:
    size = sum(len(line) for _, line in apart.lines())
    state = "poisoned: " if apart.is_poisoned else ""
    name = id_of_run_apart(directory, apart)
    return Entry(
        name,
        QUARANTINED,
        apart.since,
        apart.run_id,
        size,
        state + apart.reason,
        (apart.sink,),
        lambda: (line for _, line in apart.lines()),
    )


def _waiting(directory: Path) -> Iterator[Entry]:
    seen: set[tuple[str, int]] = set()
    for address, pending in pending_in(directory, addresses_of(directory)):
        # What several sinks have not had is still one record.
        if (pending.name, pending.start) not in seen:
            seen.add((pending.name, pending.start))
            name = f"{directory.name}/{WAITING}/{pending.name.partition('.')[0]}:{pending.start}"
            run_id = pending.record.run_id if pending.record else ""
            goals = () if address is None else (address,)
            yield _waiting_entry(name, pending.time / 1e9, run_id, goals, pending.line)


def _waiting_entry(name: str, time: float, run_id: str, goals: tuple[str, ...], line: bytes) -> Entry:
    return Entry(name, WAITING, time, run_id, len(line), "", goals, lambda: iter([line]))
