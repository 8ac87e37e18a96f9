"""What leaves the spool by a person's word: put back to be sent again, or thrown away."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import TYPE_CHECKING

from riverhead_emitter.delivery.letters import Letter, purge_letters, replay_letters
from riverhead_emitter.delivery.quarantine import Apart, apart_in, purge_run, replay_run
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import counted
from riverhead_emitter.spool.cap import throw_away
from riverhead_emitter.verbs.destinations import addresses_of, known_destinations
from riverhead_emitter.verbs.spool_records import (
    DEAD,
    QUARANTINED,
    WAITING,
    entries_in,
    id_of_letter,
    id_of_run_apart,
)

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable
    from pathlib import Path


def replay(options: Namespace) -> int:
    """Put back what was refused or set apart; exit 1 if an id led to nothing."""
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


def purge(options: Namespace) -> int:
    """Throw away what was refused or set apart, or what waits, once somebody has agreed."""
    chosen = _Chosen(options.id, options.kind)
    found = chosen.found()
    if not found.total():
        print("there is nothing to throw away")
        return chosen.code(found)
    if not options.yes and not _agreed(f"throw away {_counted(found)} for good? [y/N] "):
        print("nothing was thrown away")
        return 1
    done = _thrown_away(chosen)
    print(f"threw away {_counted(done)}")
    if found[WAITING] > done[WAITING]:
        print("what a living process still writes to stays until that has ended", file=sys.stderr)
    return 0


def _thrown_away(chosen: _Chosen) -> Counter[str]:
    done: Counter[str] = Counter()
    for directory in chosen.directories:
        if chosen.has(DEAD):
            done[DEAD] += purge_letters(directory, chosen.letters_of(directory))
        for apart in chosen.runs_of(directory):
            purge_run(apart)
            done[QUARANTINED] += 1
        if chosen.has(WAITING):
            done[WAITING] += throw_away(directory, addresses_of(directory))
    return done


class _Chosen:
    """What of the refused a person means: by id, by destination, by kind, or all."""

    def __init__(self, names: list[str], kinds: list[str] | None) -> None:
        self._names, self._kinds = names, set(kinds or (DEAD, QUARANTINED))
        if self.has(WAITING) and any("/" in name for name in names):
            raise ConfigurationError("what waits is thrown away by destination, not by id")
        by_name = [known_destinations(os.environ, name.partition("/")[0]) for name in names]
        found = [directory for listed in by_name for directory in listed] if names else known_destinations(os.environ)
        self.directories: Iterable[Path] = list(dict.fromkeys(found))

    def has(self, kind: str) -> bool:
        return kind in self._kinds

    def is_meant(self, entry_id: str) -> bool:
        return not self._names or any(
            entry_id == name if "/" in name else entry_id.startswith(name) for name in self._names
        )

    def found(self) -> Counter[str]:
        return Counter(
            kind
            for directory in self.directories
            for kind in self._kinds
            for entry in entries_in(directory, kind)
            if self.is_meant(entry.id)
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
    refused = f"{counted(done[DEAD], 'dead letter')} and {runs}"
    waiting = counted(done[WAITING], "record that waits", "records that wait")
    return f"{waiting}, {refused}" if done[WAITING] else refused


def _agreed(question: str) -> bool:
    if not (sys.stdin and sys.stdin.isatty()):
        raise ConfigurationError("nobody is there to be asked; say --yes to throw them away")
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
