"""Asking a store's file, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_catalog.check import missing
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.extras import how_to_install

if TYPE_CHECKING:
    from riverhead_catalog.links import Trace


def upstream(store: str, column: str, namespace: str | None) -> Trace:
    """Return everything upstream of a column."""
    absent = missing()
    if absent:
        raise Unavailable(f"--store needs {', '.join(absent)}: {how_to_install('catalog')}")
    from riverhead_catalog.questions.finding import UnknownColumn
    from riverhead_catalog.questions.words import plain
    from riverhead_catalog.store.opening import open_existing
    from riverhead_catalog.tracing import find_column, trace

    engine = open_existing(store)
    try:
        with engine.connect() as connection, connection.begin():
            return trace(connection, find_column(connection, column, namespace), is_upstream=True)
    except UnknownColumn as unknown:
        raise UnknownColumn(f"{unknown} The store {plain(store)} was asked.") from unknown
    finally:
        engine.dispose()
