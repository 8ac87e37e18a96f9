"""In which line of its file a task is made; Airflow does not keep that."""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType


class Lines:
    """Remembers the lines of one file that were running when a task joined its DAG."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: dict[int, tuple[int, ...]] = {}

    def watch(self, dag_class: Any) -> None:
        """Look at every task that joins a DAG from now on; this process reads one file and ends."""
        dag_class.add_task = _watched(dag_class.add_task, self)

    def note(self, task: object) -> None:
        """Remember where the file is at this moment; the first time counts."""
        self._found.setdefault(id(task), tuple(_lines_in(self._file, inspect.currentframe())))

    def by_task(self) -> dict[int, int]:
        """Return the line of each task, by its id; a task made in a module that the file imports has none.

        Where a function of the file makes several tasks, it is the line that calls it: the innermost that no other
        task has. A loop has none of these, and every task of it the same.
        """
        shared = Counter(line for lines in self._found.values() for line in set(lines))
        return {
            task: next((line for line in lines if shared[line] == 1), lines[0])
            for task, lines in self._found.items()
            if lines
        }


def _watched(add_task: Callable[..., Any], lines: Lines) -> Callable[..., Any]:
    @functools.wraps(add_task)
    def watched(dag: Any, task: Any, *more: Any, **named: Any) -> Any:
        lines.note(task)
        return add_task(dag, task, *more, **named)

    return watched


def _lines_in(file: str, frame: FrameType | None) -> Iterator[int]:
    while frame is not None:
        # Of a file in a zip the name begins with that of the zip.
        if frame.f_code.co_filename.startswith(file):
            yield frame.f_lineno
        frame = frame.f_back
