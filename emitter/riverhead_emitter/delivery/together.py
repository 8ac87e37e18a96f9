"""Does the same for a few at the same time: one that hangs must not starve the others."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

One = TypeVar("One")


def together(work: Callable[[One], object], ones: Sequence[One]) -> None:
    """Do this work for each, the first one's on this thread; raise what went wrong once all are done."""
    errors: list[BaseException] = []
    threads = [
        threading.Thread(target=_kept, args=(work, one, errors), name="riverhead-courier", daemon=True)
        for one in ones[1:]
    ]
    begun = [_begins(thread) for thread in threads]
    for one, is_elsewhere in zip(ones, [False, *begun], strict=True):
        if not is_elsewhere:
            _kept(work, one, errors)
    for thread, is_begun in zip(threads, begun, strict=True):
        if is_begun:
            thread.join()
    if errors:
        raise errors[0]


def _begins(thread: threading.Thread) -> bool:
    try:
        thread.start()
    except RuntimeError:
        return False  # from Python 3.12 on no thread starts while the interpreter ends
    return True


def _kept(work: Callable[[One], object], one: One, errors: list[BaseException]) -> None:
    try:
        work(one)
    except BaseException as error:  # noqa: BLE001 - it is raised again by the thread that waits for all
        errors.append(error)
