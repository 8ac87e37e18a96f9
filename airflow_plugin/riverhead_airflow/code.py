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
# Compiled, about twenty lines.
_SHORT_BYTES = 400
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
        return _text_of(inspect.unwrap(function))
    except (OSError, TypeError, ValueError, SyntaxError):
        return None  # written in C, in a notebook's cell, or in a file that has gone


def _text_of(function: Any) -> str:
    """Return a function's text; Python's own way reads it word by word, which takes milliseconds if it is long."""
    import inspect

    code: Any = getattr(function, "__code__", None)
    # Python 3.10 does not know where what runs ends.
    if not hasattr(code, "co_positions") or code.co_name == "<lambda>" or len(code.co_code) < _SHORT_BYTES:
        return inspect.getsource(function)
    lines, first = inspect.findsource(function)
    last = max(_last_line(code), first + 1)
    # Behind what runs there may be more that does not: a text, a comment, what is never reached.
    margin = _indentation(lines[first])
    while last < len(lines) and (not lines[last].strip() or _indentation(lines[last]) > margin):
        last += 1
    while not lines[last - 1].strip():
        last -= 1
    return "".join(lines[first:last])


def _last_line(code: Any) -> int:
    """Return the last line from which something is run, in the function or in those that it defines."""
    own = max((end for _, end, _, _ in code.co_positions() if end), default=0)
    return max([own, *(_last_line(inner) for inner in code.co_consts if hasattr(inner, "co_positions"))])


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())
