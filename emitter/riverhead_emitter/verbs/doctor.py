"""Say what was found: configuration, spool, backend, hosts; exit 1 if something needs doing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from typing import TYPE_CHECKING

from riverhead_emitter.checks import Finding
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.extras import how_to_install
from riverhead_emitter.guard import FAILURES
from riverhead_emitter.printable import counted, printable
from riverhead_emitter.settings import (
    KafkaSink,
    OfficialSink,
    configuration_found,
    misspelt_keys,
    settings_from,
    settings_or_waiting,
    unknown_key_sentence,
    unknown_keys,
)
from riverhead_emitter.spool.places import destinations_in, directory_for, known_roots
from riverhead_emitter.verbs.config_check import file_findings, unused_file
from riverhead_emitter.verbs.destinations import Standing, age, standing_of, unwritable, without_room
from riverhead_emitter.verbs.outcome import stranded
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from riverhead_emitter.redaction import Redaction
    from riverhead_emitter.settings import Settings

_MARKS = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}


def arguments(parser: ArgumentParser) -> None:
    """Declare the options: none."""
    del parser


def run(options: Namespace) -> int:
    """Print every finding."""
    del options
    findings = list(findings_of(os.environ))
    for finding in findings:
        print(f"{_MARKS[finding.level]} {finding.text}")
    return 1 if any(finding.level == "problem" for finding in findings) else 0


def findings_of(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is true of this installation."""
    yield Finding("ok", f"riverhead {VERSION} on Python {platform.python_version()} ({sys.executable})")
    if sys.platform == "win32":
        yield Finding(
            "problem",
            "Windows is not supported for draining: what hosts keep is never removed; drain on Linux, macOS or in WSL",
        )
    wrong = {**unknown_keys(environment), **misspelt_keys(environment)}
    for key, nearest in wrong.items():
        yield Finding("problem", unknown_key_sentence(key, nearest))
    yield from _found(environment, wrong)
    try:
        settings = settings_from(environment)
    except RiverheadError as error:
        yield Finding("problem", str(error))
        # Hosts go on with what can be read, and keep their records.
        settings = settings_or_waiting(environment)[0]
    else:
        yield from _configuration(settings)
    yield from _spool(settings, environment)
    yield from _rooms(environment)


def _found(environment: Mapping[str, str], wrong: Mapping[str, str | None]) -> Iterator[Finding]:
    """Say what configures this place; names only, because a value may be a secret."""
    found = sorted(
        printable(key) for key in environment.keys() - wrong.keys() if key.startswith(("OPENLINEAGE", "RIVERHEAD_"))
    )
    try:
        file = configuration_found(environment)
    except RiverheadError:
        file = None  # what is wrong is a finding of its own
    if found or file is None:
        yield Finding("ok", f"configuration found: {', '.join(found) or 'none; defaults apply'}")
    if file is not None:
        yield Finding("ok", f"{printable(file, 300)} is read, and goes before the environment")
        yield from file_findings(file)
    yield from unused_file(environment, file)


def _configuration(settings: Settings) -> Iterator[Finding]:
    if settings.is_disabled:
        yield Finding("note", "disabled: nothing is observed")
    if not settings.sinks:
        yield Finding("note", "no backend configured: records wait here until `riverhead serve` picks them up")
    for sink in settings.sinks:
        yield reach(sink, settings.redaction)
    for left_out in settings.filters:
        yield Finding("note", f"left out: {printable(left_out.told, 200)}")
    yield from _packages(settings)


def _packages(settings: Settings) -> Iterator[Finding]:
    """Name what a configured sink needs beside this package."""
    needed = {KafkaSink: ("confluent-kafka", "kafka"), OfficialSink: ("openlineage-python", "official")}
    for kind in dict.fromkeys(type(sink) for sink in settings.sinks if type(sink) in needed):
        package, extra = needed[kind]
        try:
            yield Finding("ok", f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            yield Finding("problem", f"{package} is not installed; {how_to_install(extra)}; records wait")


def _spool(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    own = directory_for(settings.spool_root, settings.destination)
    problem = unwritable(own)
    if problem:
        yield Finding("problem", problem)
    else:
        yield from _destination(standing_of(own, tuple(sink.address for sink in settings.sinks)), settings.redaction)
    full = without_room(own)
    if full:
        yield Finding("problem", full)
    for root in known_roots(environment):
        # Hosts may be told in files of their own where to send to, and then this environment names another place.
        for directory in destinations_in(root):
            if directory != own:
                yield from _other(directory, settings.redaction)
        yield from _failures(directory_for(root, []).parent / FAILURES, settings.redaction)
    left_over = stranded(environment) if settings.sinks else ""
    if left_over:
        yield Finding("problem", left_over)


def _other(directory: Path, redaction: Redaction) -> Iterator[Finding]:
    """Say how a destination of somebody else's configuration stands, if there is anything to say."""
    standing = standing_of(directory)
    if not standing.is_empty:
        yield from _destination(standing, redaction)


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
        last = printable(redaction.scrubbed(lines[-1]), 500)
        yield Finding("problem", f"{counted(len(lines), 'failure')} inside hosts, the last: {last} (all: {path})")


def _rooms(environment: Mapping[str, str]) -> Iterator[Finding]:
    for entry in sorted(importlib.metadata.entry_points(group="riverhead.checks"), key=lambda entry: entry.name):
        try:
            check = entry.load()
        except ImportError as error:
            yield Finding(
                "note", f"{entry.name}: not checked, because {error.name or entry.value} is not installed here"
            )
            continue
        yield from check(environment)
