"""What the official client writes to its log while we call it: it reports some failures nowhere else."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_LOGGER = "openlineage"
_LOCK = threading.Lock()


class ErrorsOfThisThread(logging.Handler):
    """Collects errors that the client logs on this thread; what it logs on others goes where it would have gone."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._thread = threading.get_ident()

    def __enter__(self) -> Self:
        """Begin to listen."""
        with _LOCK:
            logger = logging.getLogger(_LOGGER)
            logger.addHandler(self)
            logger.propagate = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave its loggers as they were."""
        with _LOCK:
            logger = logging.getLogger(_LOGGER)
            logger.removeHandler(self)
            logger.propagate = not any(isinstance(other, ErrorsOfThisThread) for other in logger.handlers)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error of our thread; pass on what is not ours."""
        if record.thread != self._thread:
            logging.getLogger().handle(record)
        elif record.levelno >= logging.ERROR:
            self.lines.append(record.getMessage())
