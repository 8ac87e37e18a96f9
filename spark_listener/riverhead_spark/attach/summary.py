"""What a job's events come to, in a few lines: what was read, how many runs were seen, and why some failed. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from riverhead_emitter.drawing import DIM, RED, Branch, Piece, called
from riverhead_emitter.drawing.told import told_by
from riverhead_emitter.model import RunState
from riverhead_emitter.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ENDS = {RunState.COMPLETE, RunState.FAIL, RunState.ABORT}
_NOTHING = "nothing was seen: the job made no SparkContext that could be listened to, or ran no query"
_IDLE = "a Spark application was seen, and no query of it that reads or writes data"
_MOST_REASONS = 3


def read_lines(ended: Iterable[Mapping[str, Any]]) -> Iterator[Branch]:
    """Yield each dataset that was read, with how many runs did if it was more than one."""
    read = {(event["run"]["runId"], touched.dataset): None for event in ended for touched in told_by(event).inputs}
    for dataset, runs in Counter(dataset for _, dataset in read).items():
        yield Branch((Piece("read: ", DIM), Piece(called(dataset)), *_times(runs)))


def summary(events: Sequence[Mapping[str, Any]], *, writes: bool) -> Iterator[Branch]:
    """Yield how many runs were seen, without the application's own, and how many failed and why."""
    own = [event for event in events if "run" in event and not _is_application(event)]
    runs = {event["run"]["runId"] for event in own}
    if not runs:
        yield Branch((Piece(_IDLE if any("run" in event for event in events) else _NOTHING, DIM),))
        return
    ended = {event["run"]["runId"]: event for event in own if event.get("eventType") in ENDS}
    still = f", {len(runs - ended.keys()):,} of which did not end" if runs - ended.keys() else ""
    yield Branch((Piece(f"{counted(len(runs), 'run')} seen{still}{'' if writes else '; none wrote a dataset'}", DIM),))
    reasons = Counter(_reason(event) for event in ended.values() if event["eventType"] != RunState.COMPLETE)
    if reasons:
        yield _failed(reasons, len(runs))


def _is_application(event: Mapping[str, Any]) -> bool:
    kind: bool = event["job"]["facets"].get("jobType", {}).get("jobType") == "APPLICATION"
    return kind


def _failed(reasons: Counter[str], runs: int) -> Branch:
    """Say how many failed, and the most frequent reasons."""
    told = [f"{why} ({times:,})" if times > 1 else why for why, times in reasons.most_common(_MOST_REASONS)]
    more = len(reasons) - len(told)
    listed = "; ".join(told) + (f"; and {more:,} more" if more else "")
    which = "it" if runs == 1 else f"{reasons.total():,} of them"
    return Branch((Piece(f"{which} failed: ", RED), Piece(listed)))


def _reason(event: Mapping[str, Any]) -> str:
    """Return the error's condition, or the first line of its message."""
    facets = event["run"]["facets"]
    message = facets.get("errorMessage", {}).get("message", "").strip()
    why = facets.get("riverhead_failure", {}).get("condition") or message.partition("\n")[0]
    return printable(why or "without a message")


def _times(runs: int) -> tuple[Piece, ...]:
    return (Piece(f" ({counted(runs, 'run')})", DIM),) if runs > 1 else ()
