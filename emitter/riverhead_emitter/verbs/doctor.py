"""Say what was found: configuration, spool, backend, hosts; exit 1 if something needs doing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from riverhead_emitter.checks import Finding
from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.printable import printable
from riverhead_emitter.settings import (
    configuration_found,
    misspelt_keys,
    settings_from,
    settings_or_waiting,
    unknown_key_sentence,
    unknown_keys,
)
from riverhead_emitter.settings.of_hosts import HostSettings
from riverhead_emitter.spool.places import known_roots
from riverhead_emitter.verbs.config_check import file_findings, unused_file
from riverhead_emitter.verbs.examination import other_findings, place_findings, place_of, sink_findings
from riverhead_emitter.verbs.outcome import stranded
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    reports = list(_rooms(environment))
    hosts = [report for report in reports if isinstance(report, HostSettings)]
    settings = settings_or_waiting(environment)[0]
    yield from _found(environment, wrong, _named(host for host in hosts if _is_elsewhere(host.settings, settings)))
    try:
        settings_from(environment)
    except RiverheadError as error:
        # Hosts go on with what can be read, and keep their records.
        yield Finding("problem", str(error))
    else:
        yield from _configuration(settings, hosts)
    yield from place_findings(settings)
    yield from _hosts(reports, (settings,))
    yield from _others(settings, hosts, environment)


def _is_elsewhere(theirs: Settings, own: Settings) -> bool:
    return place_of(theirs) != place_of(own) or theirs.sinks != own.sinks


def _found(environment: Mapping[str, str], wrong: Mapping[str, str | None], elsewhere: str) -> Iterator[Finding]:
    """Say what configures this place, and that hosts elsewhere have another; names only, a value may be a secret."""
    found = sorted(
        printable(key) for key in environment.keys() - wrong.keys() if key.startswith(("OPENLINEAGE", "RIVERHEAD_"))
    )
    try:
        file = configuration_found(environment)
    except RiverheadError:
        file = None  # what is wrong is a finding of its own
    if found or file is None:
        whose = f" for riverhead's own commands ({elsewhere} have another, see below)" if elsewhere else ""
        yield Finding("ok", f"configuration found{whose}: {', '.join(found) or 'none; defaults apply'}")
    if file is not None:
        yield Finding("ok", f"{printable(file, 300)} is read, and goes before the environment")
        yield from file_findings(file)
    yield from unused_file(environment, file)


def _configuration(settings: Settings, hosts: Sequence[HostSettings]) -> Iterator[Finding]:
    if settings.is_disabled:
        yield Finding("note", "disabled: nothing is observed")
    sending = _named(host for host in hosts if host.settings.sinks)
    if not settings.sinks and sending:
        yield Finding("note", f"no backend configured for riverhead's own commands; {sending} have one, see below")
    elif not settings.sinks:
        yield Finding("note", "no backend configured: records wait here until `riverhead serve` picks them up")
    yield from sink_findings(settings)


def _named(hosts: Iterable[HostSettings]) -> str:
    return " and ".join(dict.fromkeys(host.whose for host in hosts))


def _hosts(reports: Iterable[Finding | HostSettings], examined: Sequence[Settings]) -> Iterator[Finding]:
    """Yield what rooms found, and behind it the examination of where their hosts' records go."""
    for report in reports:
        if isinstance(report, Finding):
            yield report
            continue
        for finding in (*sink_findings(report.settings, examined), *place_findings(report.settings, examined)):
            yield replace(finding, text=report.as_written(finding.text))
        examined = (*examined, report.settings)


def _others(settings: Settings, hosts: Sequence[HostSettings], environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what else is kept in any place that is known here, or that a host uses."""
    known, every = known_roots(environment), (settings, *(host.settings for host in hosts))
    roots = dict.fromkeys(known, settings.redaction)
    theirs = {host.settings.spool_root: host.settings.redaction for host in hosts}
    yield from other_findings({**roots, **theirs}, {place_of(one) for one in every})
    of_senders = (host.settings.spool_root for host in hosts if host.settings.sinks)
    left_over = stranded([*(known if settings.sinks else ()), *of_senders])
    if left_over:
        yield Finding("problem", left_over)


def _rooms(environment: Mapping[str, str]) -> Iterator[Finding | HostSettings]:
    for entry in sorted(importlib.metadata.entry_points(group="riverhead.checks"), key=lambda entry: entry.name):
        try:
            check = entry.load()
        except ImportError as error:
            yield Finding(
                "note", f"{entry.name}: not checked, because {error.name or entry.value} is not installed here"
            )
            continue
        yield from check(environment)
