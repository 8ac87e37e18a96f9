"""What we have to say in a host's log: nothing that the host made of its logging gets past it."""

from __future__ import annotations

from riverhead_emitter.host_signals import let_through
from riverhead_emitter.loading import loading


def warn(name: str, message: str, *told: object) -> None:
    """Log one warning as the module of this name; a handler or filter that raises is the host's, and stops nothing."""
    with loading:
        import logging  # it costs a fresh process seven milliseconds, and most never say anything
    try:
        logging.getLogger(name).warning(message, *told)
    except Exception as error:  # noqa: BLE001 - what a host's logging raises, it does not expect from lineage
        let_through(error)
