"""What the emitter's rooms log, on the standard error of the command: of many lines alike the first few."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections import Counter
from typing import TYPE_CHECKING

from riverhead_emitter.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_ALIKE = 3
_LONGEST = 1_000


class _Sparing(logging.Handler):
    """Says each kind of line a few times; how many there were, the totals say."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.alike: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        kind = str(record.msg)
        self.alike[kind] += 1
        if self.alike[kind] <= _MOST_ALIKE:
            _say(record.getMessage())
        elif self.alike[kind] == _MOST_ALIKE + 1:
            _say("lineage: there is more of this; it is counted, not repeated")


@contextlib.contextmanager
def sparing_log() -> Iterator[None]:
    """Log sparingly while the block runs, whatever a server makes of ten thousand records."""
    log, handler = logging.getLogger("riverhead_emitter"), _Sparing()
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(printable(text, _LONGEST) + "\n")
