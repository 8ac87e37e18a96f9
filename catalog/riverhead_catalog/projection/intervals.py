"""When each shape of a job was in force: statements about a job → `valid` intervals.

A statement is a run (or a declared job) and its shape; it is complete if the run ended well and could be read (see
`runs.is_whole`). From the first complete one on, the shape of the last complete one at or before T is in force at T; a
failed or partial run never closes it. Before anything has completed, whatever
runs have said so far is in force together, so that a streaming job or a first failure is not invisible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Statement:
    """That a job had this shape, said at a time by one event; `is_complete` when that is all of it."""

    at: int
    digest: str
    shape: int
    is_complete: bool


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A shape in force from `since` on, until before `until`, or still."""

    since: int
    until: int | None
    shape: int


def intervals(statements: Iterable[Statement]) -> list[Interval]:
    """Return when each shape was in force, in order of time."""
    known = sorted(statements)
    complete = [statement for statement in known if statement.is_complete]
    first_complete = complete[0].at if complete else None
    return sorted(_before_the_first(known, first_complete)) + _stretches(complete)


def _before_the_first(statements: list[Statement], end: int | None) -> list[Interval]:
    earliest: dict[int, int] = {}
    for statement in statements:
        if not statement.is_complete and (end is None or statement.at < end):
            earliest.setdefault(statement.shape, statement.at)
    return [Interval(since, end, shape) for shape, since in earliest.items()]


def _stretches(complete: list[Statement]) -> list[Interval]:
    changes: list[Statement] = []
    for statement in complete:
        if changes and changes[-1].at == statement.at:
            changes.pop()  # of two at the same instant the greater digest is in force
        if not changes or changes[-1].shape != statement.shape:
            changes.append(statement)
    ends = [*(change.at for change in changes), None][1:]
    return [Interval(change.at, end, change.shape) for change, end in zip(changes, ends, strict=False)]
