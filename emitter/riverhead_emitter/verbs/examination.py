"""One examination of a place that records go to: can its sinks be reached, is there room, what waits, what failed.

It is the same for what this environment names and for what hosts use; what was examined before is not told again.
"""

from __future__ import annotations

import importlib.metadata
import os
from typing import TYPE_CHECKING

from riverhead_emitter.checks import Finding
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.extras import how_to_install
from riverhead_emitter.guard import FAILURES
from riverhead_emitter.printable import counted, printable
from riverhead_emitter.settings import KafkaSink, OfficialSink
from riverhead_emitter.spool.places import destinations_in, directory_for
from riverhead_emitter.verbs.destinations import Standing, age, moment, standing_of, unwritable, without_room

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import Settings


def place_of(settings: Settings) -> str:
    """Return what tells a destination's directory from others, by whatever name it is reached."""
    return os.path.realpath(directory_for(settings.spool_root, settings.destination))


def sink_findings(settings: Settings, before: Sequence[Settings] = ()) -> Iterator[Finding]:
    """Say of each sink whether it can be reached, what is left out on the way, and what the sinks need."""
    told = [sink for other in before for sink in other.sinks]
    left_out_before = [left_out for other in before for left_out in other.filters]
    new = [sink for sink in settings.sinks if sink not in told]
    for sink in new:
        yield reach(sink, settings.redaction)
    for left_out in settings.filters:
        if left_out not in left_out_before:
            yield Finding("note", f"left out: {printable(left_out.told, 200)}")
    kinds_before = {type(sink) for sink in told}
    yield from _packages(kind for kind in dict.fromkeys(map(type, new)) if kind not in kinds_before)


def _packages(kinds: Iterable[type]) -> Iterator[Finding]:
    """Name what sinks of these kinds need beside this package."""
    needed = {KafkaSink: ("confluent-kafka", "kafka"), OfficialSink: ("openlineage-python", "official")}
    for kind in (kind for kind in kinds if kind in needed):
        package, extra = needed[kind]
        try:
            yield Finding("ok", f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            yield Finding("problem", f"{package} is not installed; {how_to_install(extra)}; records wait")


def place_findings(settings: Settings, before: Sequence[Settings] = ()) -> Iterator[Finding]:
    """Say whether records can be kept in the directory of these settings, and how it stands."""
    if place_of(settings) in map(place_of, before):
        return
    directory = directory_for(settings.spool_root, settings.destination)
    problem = unwritable(directory)
    if problem:
        yield Finding("problem", problem)
    else:
        addresses = tuple(sink.address for sink in settings.sinks)
        yield from _destination(standing_of(directory, addresses), settings.redaction)
    full = without_room(directory)
    if full:
        yield Finding("problem", full)


def other_findings(roots: Mapping[Path, Redaction], examined: Collection[str]) -> Iterator[Finding]:
    """Say how all other destinations under these roots stand that hold anything, and what failed inside hosts."""
    for root, redaction in {os.path.realpath(root): (root, hides) for root, hides in roots.items()}.values():
        # Hosts may be told in files of their own where to send to, and then this environment names another place.
        for directory in destinations_in(root):
            standing = None if os.path.realpath(directory) in examined else standing_of(directory)
            if standing is not None and not standing.is_empty:
                yield from _destination(standing, redaction)
        yield from _failures(directory_for(root, []).parent / FAILURES, redaction)


def _destination(standing: Standing, redaction: Redaction) -> Iterator[Finding]:
    place = printable(str(standing.directory), 300)
    if standing.is_drained is None:
        yield Finding("problem", f"cannot tell whether {place} is drained; make it writable for this user")
        return
    drainer = "a drainer is at work" if standing.is_drained else "no drainer is at work"
    goal = f" for {standing.goal}" if standing.addresses else ""
    since = f"; the oldest for {age(standing.oldest)}" if standing.oldest is not None else ""
    yield Finding(
        "ok",
        f"{counted(standing.records, 'record')} ({counted(standing.bytes, 'byte')}) "
        f"{'waits' if standing.records == 1 else 'wait'}{goal} in {place}; {drainer}{since}",
    )
    if standing.down:
        reason = printable(redaction.scrubbed(standing.down.reason), 200)
        yield Finding("problem", f"nothing is taken there, for {age(standing.down.since)} now: {reason}; records wait")
    if standing.unreadable:
        yield Finding("problem", f"{counted(standing.unreadable, 'segment')} cannot be read by this version in {place}")
    if standing.dead:
        yield Finding("problem", f"{counted(standing.dead, 'dead letter')} in {place}: see `riverhead spool list`")
    if standing.poisoned:
        poisoned = counted(standing.poisoned, "run in quarantine is", "runs in quarantine are")
        yield Finding("problem", f"{poisoned} tried no more: see `riverhead spool list`")
    if standing.quarantined > standing.poisoned:
        others = counted(standing.quarantined - standing.poisoned, "run in quarantine is", "runs in quarantine are")
        yield Finding("note", f"{others} tried again: see `riverhead spool list`")
    if standing.dropped.records:
        yield Finding(
            "problem",
            f"{counted(standing.dropped.records, 'record was', 'records were')} dropped from {place}, which was full, "
            f"the last {age(standing.dropped.last)} ago: see RIVERHEAD_SPOOL_MAX_BYTES",
        )


def _failures(path: Path, redaction: Redaction) -> Iterable[Finding]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    if lines:
        last = printable(redaction.scrubbed(_dated(lines[-1])), 500)
        yield Finding(
            "problem",
            f"{counted(len(lines), 'failure')} inside hosts, the last: {last} "
            f"(all: {path}; delete that file once its cause is mended)",
        )


def _dated(line: str) -> str:
    """Return a line of the log of failures with its time as a person reads it; as it stands if it begins with none."""
    seconds, _, rest = line.partition(" ")
    process, _, told = rest.partition(" ")
    try:
        return f"{moment(float(seconds))}, in process {int(process)}: {told}"
    except ValueError:
        return line
