"""Where an operator's SQL went: its connection's address, without asking the network before the task's own work."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Protocol

from riverhead_airflow.snapshot import Address
from riverhead_airflow.texts import word

if TYPE_CHECKING:
    from collections.abc import Mapping


class Connections(Protocol):
    """How a version of Airflow reads connections."""

    def connection_of(self, conn_id: str) -> Any | None:
        """Look a connection up, wherever that leads; None if there is no such one."""
        ...

    def connection_from(self, conn_id: str, text: str) -> Any:
        """Read a connection written as a URI or as JSON."""
        ...


def address_of(
    operator: object, connections: Connections, environment: Mapping[str, str], *, may_ask: bool
) -> Address | None:
    """Return the operator's database, or None where it has none or finding out would cost a request."""
    conn_id = getattr(operator, str(getattr(operator, "conn_id_field", "conn_id")), None)
    if not isinstance(conn_id, str) or not conn_id:
        return None
    connection = _of_hook(operator) or _of_environment(conn_id, connections, environment)
    if connection is None and may_ask:
        connection = connections.connection_of(conn_id)
    return None if connection is None else _facts(conn_id, connection, getattr(operator, "database", None))


def _of_hook(operator: object) -> Any | None:
    """A hook that has worked keeps its connection, on the operator that made it."""
    hook = getattr(operator, "__dict__", {}).get("_hook")
    return getattr(hook, "__dict__", {}).get("_connection")


def _of_environment(conn_id: str, connections: Connections, environment: Mapping[str, str]) -> Any | None:
    text = environment.get(f"AIRFLOW_CONN_{conn_id.upper()}")
    return connections.connection_from(conn_id, text) if text else None


def _facts(conn_id: str, connection: Any, database: object) -> Address:
    port, name = None, database or connection.schema
    with contextlib.suppress(TypeError, ValueError):
        port = int(connection.port)
    return Address(
        conn_id=word(conn_id),
        kind=word(str(connection.conn_type)),
        host=word(connection.host) if connection.host else None,
        port=port,
        name=word(str(name)) if name else None,
    )
