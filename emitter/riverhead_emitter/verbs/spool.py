"""Look into the spool, have sent again what was refused, or throw it away.

status: how each destination stands; list: what it holds; show: what one record says, without secrets; replay: put dead
letters and runs in quarantine back; purge: throw them away.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import asdict, replace
from datetime import datetime, timezone
from itertools import islice
from typing import TYPE_CHECKING, Any

from riverhead_emitter.delivery.letters import Letter, purge_letters, replay_letters
from riverhead_emitter.delivery.quarantine import Apart, apart_in, purge_run, replay_run
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import printable
from riverhead_emitter.settings import settings_or_waiting
from riverhead_emitter.verbs.destinations import Standing, addresses_of, age, known_destinations, standing_of
from riverhead_emitter.verbs.options import count
from riverhead_emitter.verbs.outcome import counted
from riverhead_emitter.verbs.spool_records import (
    DEAD,
    KINDS,
    QUARANTINED,
    WAITING,
    content_of,
    entries_in,
    entry_named,
    id_of_letter,
    id_of_run_apart,
    summary_of,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_MOST_LISTED = 50


def arguments(parser: ArgumentParser) -> None:
    """Declare what can be done."""
    verbs = parser.add_subparsers(dest="what", required=True, metavar="status|list|show|replay|purge")
    status = verbs.add_parser("status", help="how each destination stands")
    status.add_argument("--json", action="store_true", help="one object a line, for a program")
    status.set_defaults(does=_status)
    listing = verbs.add_parser("list", help="what the destinations hold")
    listing.add_argument("destination", nargs="?", help="only this one; the beginning of its name will do")
    listing.add_argument("--kind", choices=KINDS, action="append", help="only these (default: dead and quarantined)")
    listing.add_argument("--most", type=count, default=_MOST_LISTED, help=f"so many ({_MOST_LISTED})")
    listing.add_argument("--json", action="store_true", help="one object a line, for a program")
    listing.set_defaults(does=_list)
    show = verbs.add_parser("show", help="what one record says, without secrets")
    show.add_argument("id", help="as `list` prints it")
    show.set_defaults(does=_show)
    for name, does, told in (("replay", _replay, "put back"), ("purge", _purge, "throw away")):
        done = verbs.add_parser(name, help=f"{told} what was refused")
        done.add_argument("id", nargs="*", help="as `list` prints it, or a destination; without one: everything")
        done.add_argument("--kind", choices=(DEAD, QUARANTINED), action="append", help="only these (default: both)")
        done.set_defaults(does=does)
        if name == "purge":
            done.add_argument("--yes", action="store_true", help="do not ask")


def run(options: Namespace) -> int:
    """Do what was asked for."""
    does: Callable[[Namespace], int] = options.does
    return does(options)


def _status(options: Namespace) -> int:
    scrubbed = _scrubbed()
    is_any = False
    for directory in known_destinations(os.environ):
        is_any, standing = True, standing_of(directory)
        if standing.down:
            standing = replace(standing, down=replace(standing.down, reason=scrubbed(standing.down.reason)))
        print(json.dumps(_as_json(standing)) if options.json else "\n".join(_lines_of(standing)), flush=True)
    if not is_any and not options.json:
        print("no spool of this user holds anything")
    return 0


def _scrubbed() -> Callable[[str], str]:
    """What hides secrets as this environment asks; a mistake elsewhere in it is no reason not to look."""
    return settings_or_waiting(os.environ)[0].redaction.scrubbed


def _as_json(standing: Standing) -> dict[str, Any]:
    found = {**asdict(standing), "directory": str(standing.directory), "name": standing.directory.name}
    return {**found, "addresses": list(standing.addresses)}


def _lines_of(standing: Standing) -> Iterator[str]:
    yield f"{standing.directory.name}  for {standing.goal}"
    yield f"  in            {printable(str(standing.directory), 300)}"
    oldest = f", the oldest for {age(standing.oldest)}" if standing.oldest is not None else ""
    yield f"  waiting       {counted(standing.records, 'record')}, {counted(standing.bytes, 'byte')}{oldest}"
    if standing.dead:
        yield f"  dead letters  {standing.dead:,}"
    if standing.quarantined:
        poisoned = f", {standing.poisoned:,} of them tried no more" if standing.poisoned else ""
        yield f"  quarantined   {counted(standing.quarantined, 'run')}{poisoned}"
    if standing.dropped.records:
        dropped = standing.dropped
        what = f"{counted(dropped.records, 'record')}, {counted(dropped.bytes, 'byte')}"
        yield f"  dropped       {what}; the last {age(dropped.last)} ago"
    if standing.unreadable:
        yield f"  unreadable    {counted(standing.unreadable, 'segment')} of another version, or damaged"
    if standing.down:
        yield f"  down          for {age(standing.down.since)}: {printable(standing.down.reason, 200)}"
    yield f"  drainer       {'at work' if standing.is_drained else 'none at work'}"


def _list(options: Namespace) -> int:
    entries = (
        entry
        for directory in known_destinations(os.environ, options.destination)
        for kind in options.kind or (DEAD, QUARANTINED)
        for entry in entries_in(directory, kind)
    )
    scrubbed = _scrubbed()
    is_any = False
    for entry in islice(entries, options.most):
        is_any = True
        if options.json:
            hidden = {"run_id": scrubbed(entry.run_id), "reason": scrubbed(entry.reason)}
            print(json.dumps({**summary_of(entry), **hidden}))
        else:
            reason = f"  {printable(scrubbed(entry.reason), 120)}" if entry.reason else ""
            run_id, size = printable(scrubbed(entry.run_id)) or "?", counted(entry.size, "byte")
            print(f"{entry.id}  {_time(entry.time)}  {run_id}  {size}{reason}")
    if not is_any and not options.json:
        print(_nothing(options), file=sys.stderr)
    if next(entries, None) is not None:
        print(f"there are more than {options.most}; --most shows so many", file=sys.stderr)
    return 0


def _nothing(options: Namespace) -> str:
    """Say that there is nothing of this kind, and what there is beside it."""
    kinds = options.kind or (DEAD, QUARANTINED)
    if WAITING in kinds:
        return "nothing of this kind waits"
    waiting = sum(standing_of(found).records for found in known_destinations(os.environ, options.destination))
    beside = f"; {counted(waiting, 'record waits', 'records wait')} to be sent, see `--kind waiting`" if waiting else ""
    return f"nothing was refused or set apart{beside}"


def _time(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return "at no known time"


def _show(options: Namespace) -> int:
    entry = entry_named(os.environ, options.id)
    scrubbed = _scrubbed()
    goals = [printable(goal.partition(" ")[2] or goal, 200) for goal in entry.goals]
    print(f"{entry.id}  {_time(entry.time)}  for {', '.join(goals) or 'nowhere yet'}", file=sys.stderr)
    if entry.reason:
        print(f"refused: {printable(scrubbed(entry.reason), 300)}", file=sys.stderr)
    for line in entry.lines():
        print(content_of(line, scrubbed))
    return 0


def _replay(options: Namespace) -> int:
    chosen = _Chosen(options.id, options.kind)
    done: Counter[str] = Counter()
    for directory in chosen.directories:
        if chosen.has(DEAD):
            done[DEAD] += replay_letters(directory, addresses_of(directory), chosen.letters_of(directory))
        for apart in chosen.runs_of(directory):
            replay_run(apart)
            done[QUARANTINED] += 1
    print(f"put back {_counted(done)}; the next drainer sends them")
    return chosen.code(done)


def _purge(options: Namespace) -> int:
    chosen = _Chosen(options.id, options.kind)
    found = Counter(
        kind
        for directory in chosen.directories
        for kind in (DEAD, QUARANTINED)
        if chosen.has(kind)
        for entry in entries_in(directory, kind)
        if chosen.is_meant(entry.id)
    )
    if not found.total():
        print("there is nothing to throw away")
        return chosen.code(found)
    if not options.yes and not _agreed(f"throw away {_counted(found)} for good? [y/N] "):
        print("nothing was thrown away")
        return 1
    done: Counter[str] = Counter()
    for directory in chosen.directories:
        if chosen.has(DEAD):
            done[DEAD] += purge_letters(directory, chosen.letters_of(directory))
        for apart in chosen.runs_of(directory):
            purge_run(apart)
            done[QUARANTINED] += 1
    print(f"threw away {_counted(done)}")
    return 0


class _Chosen:
    """What of the refused a person means: by id, by destination, by kind, or all."""

    def __init__(self, names: list[str], kinds: list[str] | None) -> None:
        self._names, self._kinds = names, kinds
        by_name = [known_destinations(os.environ, name.partition("/")[0]) for name in names]
        found = [directory for listed in by_name for directory in listed] if names else known_destinations(os.environ)
        self.directories: Iterable[Path] = list(dict.fromkeys(found))

    def has(self, kind: str) -> bool:
        return not self._kinds or kind in self._kinds

    def is_meant(self, entry_id: str) -> bool:
        return not self._names or any(
            entry_id == name if "/" in name else entry_id.startswith(name) for name in self._names
        )

    def letters_of(self, directory: Path) -> Callable[[Letter], bool]:
        return lambda letter: self.is_meant(id_of_letter(directory, letter))

    def runs_of(self, directory: Path) -> list[Apart]:
        if not self.has(QUARANTINED):
            return []
        return [apart for apart in apart_in(directory) if self.is_meant(id_of_run_apart(directory, apart))]

    def code(self, done: Counter[str]) -> int:
        """Ids that lead to nothing are a mistake; nothing to do is none."""
        return 1 if self._names and not done.total() else 0


def _counted(done: Counter[str]) -> str:
    runs = counted(done[QUARANTINED], "run in quarantine", "runs in quarantine")
    return f"{counted(done[DEAD], 'dead letter')} and {runs}"


def _agreed(question: str) -> bool:
    if not (sys.stdin and sys.stdin.isatty()):
        raise ConfigurationError("nobody is there to be asked; say --yes to throw them away")
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
