"""The script that this process runs: where it lies, which commit it is of, what it was given."""

from __future__ import annotations

import sys
from typing import Any

from riverhead_emitter.checkouts import checkout_of

_MOST_ARGUMENTS = 100
_LONGEST_ARGUMENT = 2000


def script_facts() -> dict[str, Any] | None:
    """Return the script's path and the checkout that it lies in; None in a shell or a notebook, which run none."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    if not isinstance(path, str):
        return None
    checkout = checkout_of(path)
    return {"path": path, "checkout": None if checkout is None else checkout._asdict()}


def arguments() -> list[str]:
    """Return what the script was given on its command line, within bounds."""
    return [argument[:_LONGEST_ARGUMENT] for argument in sys.argv[1 : _MOST_ARGUMENTS + 1]]
