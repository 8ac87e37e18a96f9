"""Look into the spool, have sent again what was refused, or throw it away.

status: how each destination stands; list: what it holds; show: what one record says, without secrets; replay: put dead
letters and runs in quarantine back; purge: throw them away.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from riverhead_emitter.printable import counted, printable
from riverhead_emitter.settings import settings_or_waiting
from riverhead_emitter.spool.places import directory_for, possible_roots
from riverhead_emitter.verbs.destinations import Standing, age, known_destinations, moment, standing_of
from riverhead_emitter.verbs.options import count
from riverhead_emitter.verbs.outcome import NOT_READ
from riverhead_emitter.verbs.spool_leaving import purge, replay
from riverhead_emitter.verbs.spool_records import (
    DEAD,
    KINDS,
    QUARANTINED,
    WAITING,
    content_of,
    entries_in,
    entry_named,
    summary_of,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Iterator

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
    for name, does, told in (("replay", replay, "put back"), ("purge", purge, "throw away")):
        done = verbs.add_parser(name, help=f"{told} what was refused")
        done.add_argument("id", nargs="*", help="as `list` prints it, or a destination; without one: everything")
        kinds = KINDS if name == "purge" else (DEAD, QUARANTINED)
        done.add_argument("--kind", choices=kinds, action="append", help="only these (default: dead and quarantined)")
        done.set_defaults(does=does)
        if name == "purge":
            done.add_argument("--yes", action="store_true", help="do not ask")


def run(options: Namespace) -> int:
    """Do what was asked for."""
    does: Callable[[Namespace], int] = options.does
    return does(options)


def _status(options: Namespace) -> int:
    settings = settings_or_waiting(os.environ)[0]
    own = directory_for(settings.spool_root, settings.destination)
    shown = empty = 0
    for directory in known_destinations(os.environ):
        standing = _without_secrets(standing_of(directory), settings.redaction.scrubbed)
        if options.json:
            print(json.dumps(_as_json(standing)), flush=True)
        elif standing.is_empty and directory != own:
            empty += 1
        else:
            shown += 1
            print("\n".join(_lines_of(standing)), flush=True)
    if not options.json:
        print(end=_last_line(shown, empty))
    return 0


def _last_line(shown: int, empty: int) -> str:
    """Return what is left to be said behind the destinations that hold something."""
    if empty and shown:
        return f"and {counted(empty, 'other holds', 'others hold')} nothing\n"
    if empty:
        return f"{counted(empty, 'destination holds', 'destinations hold')} nothing\n"
    if shown:
        return ""
    looked = ", ".join(printable(str(root), 300) for root in possible_roots(os.environ))
    return f"no spool of this user holds anything (looked in {looked})\n{NOT_READ}\n"


def _without_secrets(standing: Standing, scrubbed: Callable[[str], str]) -> Standing:
    if standing.down is None:
        return standing
    return replace(standing, down=replace(standing.down, reason=scrubbed(standing.down.reason)))


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
            print(f"{entry.id}  {moment(entry.time)}  {run_id}  {size}{reason}")
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


def _show(options: Namespace) -> int:
    entry = entry_named(os.environ, options.id)
    scrubbed = _scrubbed()
    goals = [printable(goal.partition(" ")[2] or goal, 200) for goal in entry.goals]
    print(f"{entry.id}  {moment(entry.time)}  for {', '.join(goals) or 'nowhere yet'}", file=sys.stderr)
    if entry.reason:
        print(f"refused: {printable(scrubbed(entry.reason), 300)}", file=sys.stderr)
    for line in entry.lines():
        print(content_of(line, scrubbed))
    return 0
