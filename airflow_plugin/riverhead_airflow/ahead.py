"""What every task's process would load for itself, loaded in the process that it is forked from."""

from __future__ import annotations

import contextlib
import importlib

from riverhead_emitter.frozen import compile_now
from riverhead_emitter.loading import loading
from riverhead_emitter.redaction import prepare_rules

# What operators tell their lineage in is the official provider's, and theirs takes longer to load than all of ours.
_ANSWERS = "airflow.providers.openlineage.extractors.base"


def load_ahead() -> None:
    """Load what observing a task needs, and compile the rules and classes that it asks for."""
    with loading():
        import inspect

        import riverhead_emitter.checkouts
        import riverhead_emitter.redaction.strings  # noqa: F401 - to be there before a fork

        # What a task's process loads with the first of what it watches, most of which is here already.
        from riverhead_airflow.seeing import collector, drivers, engines, hooks, paths, witness  # noqa: F401 - to be there before a fork
    prepare_rules()
    # Reading a function's source compiles rules of Python's own.
    with contextlib.suppress(OSError):
        inspect.getsource(load_ahead)
    with contextlib.suppress(ImportError, SystemExit), loading():
        importlib.import_module(_ANSWERS)
    # Last, when all the classes are there.
    compile_now()
