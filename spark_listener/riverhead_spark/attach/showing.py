"""What a job told, read back after its end and drawn: a tree for each dataset that it wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from riverhead_emitter.delivery.drainer import Drainer
from riverhead_emitter.delivery.sender import Delivered
from riverhead_emitter.drawing import RED, Branch, Piece, drawn, folded, trees_of
from riverhead_emitter.drawing.told import told_by
from riverhead_emitter.model import RunState
from riverhead_emitter.settings import SHOWN_IN
from riverhead_emitter.spool.places import directory_for
from riverhead_spark.attach.summary import ENDS, read_lines, summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from riverhead_emitter.delivery.sender import Answer, Parcel
    from riverhead_emitter.drawing import View

_SECONDS = 60.0


class _Reader:
    """A sink that keeps events in memory."""

    address = "show"

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def send(self, parcels: Iterable[Parcel], seconds: float) -> Iterator[Answer]:
        """Take everything."""
        del seconds
        for parcel in parcels:
            self.events.append(json.loads(parcel.event))
            yield Delivered()

    def close(self) -> None:
        """Nothing is open."""


def shown_in(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a job that keeps in this folder what is to be shown of it."""
    return {**environment, SHOWN_IN: str(folder)}


def events_in(folder: Path) -> list[dict[str, Any]]:
    """Return the events of what a job kept in this folder."""
    directory, reader = directory_for(folder, ()), _Reader()
    if directory.exists():
        drainer = Drainer(directory, [reader])
        drainer.drain(_SECONDS)
        drainer.close()
    return reader.events


def told(events: Sequence[Mapping[str, Any]], view: View, *, is_coloured: bool) -> Iterator[str]:
    """Yield what a job wrote as trees, or what it read if it wrote nothing, and at last in a sentence what was seen."""
    ended = [event for event in events if event.get("eventType") in ENDS]
    # A loop that does the same again and again is told once.
    trees = list(dict.fromkeys(tree for event in ended for tree in _trees(event, view)))
    for tree in folded(trees, "dataset", view):
        yield from drawn(tree, view.width, is_coloured=is_coloured)
        yield ""
    reads = () if trees else folded(list(read_lines(ended)), "dataset", view)
    for line in (*reads, *summary(events, writes=bool(trees))):
        yield from drawn(line, view.width, is_coloured=is_coloured)


def _trees(event: Mapping[str, Any], view: View) -> Iterator[Branch]:
    if not event["outputs"]:
        return
    failed = () if event["eventType"] == RunState.COMPLETE else (Piece("  (failed)", RED),)
    for tree in trees_of(told_by(event), view):
        yield tree._replace(pieces=(*tree.pieces, *failed))
