"""What a task's author wrote: its script or function, the file that it stands in, and that file's commit."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from riverhead_airflow.texts import kept, word
from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import Code
    from riverhead_emitter.redaction import Redaction

_MOST_CODE = 64 << 10
# Fields of operators that hold a shell's text: BashOperator's, SSHOperator's.
_SCRIPTS = ("bash_command", "command")


def code_of(operator: object, redaction: Redaction) -> Code:
    """Return the task's own text, as it is rendered; nothing for operators that hold none."""
    for name in _SCRIPTS:
        script = getattr(operator, name, None)
        if isinstance(script, str):
            return {"language": "bash", "text": kept(script, _MOST_CODE, redaction)}
    function = getattr(operator, "python_callable", None)
    text = _source_of(function) if callable(function) else None
    return {} if text is None else {"language": "python", "text": kept(text, _MOST_CODE, redaction)}


def place_of(file: object) -> Code:
    """Return the file that a DAG stands in, and the commit that it belongs to."""
    if not isinstance(file, str) or not file:
        return {}
    with loading():
        from riverhead_emitter.checkouts import checkout_of

    place: Code = {"file": word(file)}
    checkout = checkout_of(file)
    if checkout is not None:
        place["root"], place["commit"] = checkout.root, checkout.commit
        place["branch"], place["remote"] = checkout.branch, checkout.remote
    return place


def _source_of(function: Any) -> str | None:
    with loading():
        import inspect  # Airflow has it already; a process without a function of Python's need not

    while isinstance(function, functools.partial):
        function = function.func
    try:
        return inspect.getsource(inspect.unwrap(function))
    except (OSError, TypeError, ValueError, SyntaxError):
        return None  # written in C, in a notebook's cell, or in a file that has gone
