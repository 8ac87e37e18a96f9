"""Say what was found: configuration, spool, backend, hosts; exit 1 if something needs doing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from typing import TYPE_CHECKING

from riverhead_emitter.checks import Finding
from riverhead_emitter.delivery.drainer import dead_letters_in
from riverhead_emitter.delivery.reach import reach
from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.guard import FAILURES
from riverhead_emitter.settings import settings_from, unknown_key_sentence, unknown_keys
from riverhead_emitter.spool.locks import is_drained_by_another
from riverhead_emitter.spool.places import destinations_in, directory_for, known_roots, make_private, noted_addresses
from riverhead_emitter.spool.reader import unreadable_in, waiting_in
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

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
    for key, nearest in unknown_keys(environment).items():
        yield Finding("problem", unknown_key_sentence(key, nearest))
    try:
        settings = settings_from(environment)
    except RiverheadError as error:
        yield Finding("problem", str(error))
        return
    yield from _configuration(settings, environment)
    yield from _spool(settings, environment)
    yield from _rooms(environment)


def _configuration(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    # Names only: a value may be a secret.
    found = sorted(key for key in environment if key.startswith(("OPENLINEAGE", "RIVERHEAD_")))
    yield Finding("ok", f"configuration found: {', '.join(found) or 'none; defaults apply'}")
    if settings.is_disabled:
        yield Finding("note", "disabled: nothing is observed")
    if not settings.sinks:
        yield Finding("note", "no backend configured: records wait here until `riverhead serve` picks them up")
    for sink in settings.sinks:
        yield reach(sink)


def _spool(settings: Settings, environment: Mapping[str, str]) -> Iterator[Finding]:
    own = directory_for(settings.spool_root, [sink.address for sink in settings.sinks])
    try:
        make_private(own)
    except RiverheadError as error:
        yield Finding("problem", str(error))
        return
    yield from _destination(own, [sink.address for sink in settings.sinks])
    for root in known_roots(environment):
        # Hosts may be told in files of their own where to send to, and then this environment names another place.
        for directory in destinations_in(root):
            if directory != own:
                yield from _destination(directory, noted_addresses(directory))
        yield from _failures(directory_for(root, []).parent / FAILURES)


def _destination(directory: Path, addresses: list[str]) -> Iterator[Finding]:
    try:
        drainer = "a drainer is at work" if is_drained_by_another(directory) else "no drainer is at work"
    except RiverheadError as error:
        yield Finding("problem", str(error))
        return
    records, size = waiting_in(directory, addresses)
    goal = f" for {', '.join(address.partition(' ')[2] for address in addresses)}" if addresses else ""
    yield Finding("ok", f"{records} records ({size:,} bytes) wait{goal} in {directory}; {drainer}")
    unreadable = unreadable_in(directory)
    if unreadable:
        yield Finding(
            "problem", f"{len(unreadable)} segments cannot be read by this version, the first: {unreadable[0]}"
        )
    dead = dead_letters_in(directory)
    if dead:
        yield Finding("problem", f"{dead} dead letters in {directory}: nobody would take them; reasons beside each")


def _failures(path: Path) -> Iterable[Finding]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    if lines:
        yield Finding("problem", f"{len(lines)} failures inside hosts, the last: {lines[-1]} (all: {path})")


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
