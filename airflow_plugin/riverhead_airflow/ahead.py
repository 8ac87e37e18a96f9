"""What every task's process would load for itself, loaded in the process that it is forked from."""

from __future__ import annotations

import contextlib

from riverhead_emitter.loading import loading
from riverhead_emitter.redaction import prepare_rules


def load_ahead() -> None:
    """Load what observing a task needs, and compile the rules that it asks for: a third of its time before the work."""
    with loading():
        import inspect

        import riverhead_emitter.checkouts
        import riverhead_emitter.redaction.strings  # noqa: F401 - to be there before a fork
    prepare_rules()
    # Reading a function's source compiles rules of Python's own.
    with contextlib.suppress(OSError):
        inspect.getsource(load_ahead)
