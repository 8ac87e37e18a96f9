"""What we have to say in a host's log: nothing that the host made of its logging gets past it."""

from __future__ import annotations

from riverhead_emitter.host_signals import let_through
from riverhead_emitter.loading import loading


def warn(name: str, message: str, *told: object) -> None:
    """Log a warning as the module of this name."""
    _say("warning", name, message, told)


def note(name: str, message: str, *told: object) -> None:
    """Log what only somebody who looks for a mistake wants to know."""
    _say("debug", name, message, told)


def _say(how: str, name: str, message: str, told: tuple[object, ...]) -> None:
    try:
        with loading():
            import logging  # it costs a fresh process seven milliseconds, and most never say anything
        getattr(logging.getLogger(name), how)(message, *told)
    except Exception as error:  # noqa: BLE001 - a handler or filter that raises is the host's, and so is the interpreter's end
        let_through(error)
