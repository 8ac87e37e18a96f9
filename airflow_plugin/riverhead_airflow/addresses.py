"""Where an operator's SQL went: its connection's address, without asking the network before the task's own work."""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from riverhead_airflow.snapshot import Address
from riverhead_airflow.texts import word
from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from collections.abc import Mapping

_LARGEST_EXTRA = 64 << 10
_GOOGLE = "google_cloud_platform"


class Rule(NamedTuple):
    """Where a kind of connection says what: names of its extras, and what its field `schema` is there."""

    host: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    schema: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    # Airflow's field `schema` is a database for most kinds, a schema for some, and not looked at by the rest.
    field: str | None = "name"
    # What the hook takes where nobody names a catalog.
    default_name: str | None = None


# As the hooks of Airflow's own providers read their connections.
_RULES = {
    "athena": Rule(name=("catalog_name",), schema=("schema_name",), region=("region_name",), field="schema"),
    "databricks": Rule(name=("catalog",), schema=("schema",), field=None),
    "gcpbigquery": Rule(name=("project",), field=None),
    "gcpspanner": Rule(host=("instance_id",), name=("database_id",), account=("project_id", "project"), field=None),
    "glue": Rule(account=("account_id",), region=("region_name",)),
    "oracle": Rule(name=("service_name",), field="schema"),
    "presto": Rule(name=("catalog",), field="schema", default_name="hive"),
    "redshift": Rule(region=("region",)),
    "snowflake": Rule(name=("database",), account=("account",), region=("region",), field="schema"),
    "trino": Rule(name=("catalog",), field="schema", default_name="hive"),
}
_PARTS = ("host", "name", "schema", "account", "region")
_PLAIN = Rule()
_ORACLE_WITHOUT_SERVICE = Rule(name=("sid",))
# What an operator, or the hook that it asks for, may name instead of its connection.
_OF_OPERATOR = {
    "name": ("database", "catalog"),
    "schema": ("schema",),
    "account": ("account",),
    "region": ("region",),
    "options": ("options",),
}
# As PostgreSQL's clients are told it: -c search_path=mart,public
_SEARCH_PATH = re.compile(r"search_path=(?P<schemas>(?:\\.|[^\s\\])+)")
_OF_SEARCH_PATHS = frozenset({"postgres", "redshift"})


class Connections(Protocol):
    """How a version of Airflow reads connections."""

    def connection_of(self, conn_id: str) -> Any | None:
        """Look a connection up, wherever that leads; None if there is no such one."""
        ...

    def connection_from(self, conn_id: str, text: str) -> Any:
        """Read a connection written as a URI or as JSON."""
        ...


def address_of(
    operator: object,
    connections: Connections,
    environment: Mapping[str, str],
    *,
    may_ask: bool,
) -> Address | None:
    """Return the operator's database, or None where it has none or finding out would cost a request."""
    conn_id = getattr(operator, str(getattr(operator, "conn_id_field", "conn_id")), None)
    if not isinstance(conn_id, str) or not conn_id:
        return None
    connection = _of_hook(operator) or _of_environment(conn_id, connections, environment)
    if connection is None and may_ask:
        connection = connections.connection_of(conn_id)
    return None if connection is None else _facts(conn_id, connection, _of_operator(operator))


def said_by_hook(hook: object) -> dict[str, object]:
    """Return what a hook was told beside its connection, by the names of an address."""
    return _of_operator(hook)


def address_of_connection(conn_id: str, connection: Any, said: Mapping[str, object]) -> Address:
    """Return where a hook's connection leads; what the hook was told goes before what the connection says."""
    extras = _extras(connection)
    if _rule(_kind(str(connection.conn_type), extras), extras).field == "name":
        # Such hooks call the database by the name of the field that the connection has it in.
        said = {**said, "name": said.get("name") or said.get("schema"), "schema": None}
    return _facts(conn_id, connection, said)


def address_of_url(url: str) -> Address | None:
    """Return where a SQLAlchemy URL leads; None where it leads nowhere."""
    with loading():
        from riverhead_emitter.naming.connections import kind_of
        from riverhead_emitter.naming.database_urls import address_of as parts_of
        from riverhead_emitter.naming.embedded import EMBEDDED

    scheme, _, rest = url.partition(":")
    kind = kind_of(scheme)
    if kind in EMBEDDED:
        # Three slashes begin a path from here, four one from the root.
        path = rest.removeprefix("//").partition("?")[0].removeprefix("/")
        return _address("", kind, {"host": path}, None)
    found = parts_of(kind, rest)
    return None if found is None else _address("", kind, found._asdict(), found.port)


def _of_hook(operator: object) -> Any | None:
    """A hook that has worked keeps its connection, on the operator that made it."""
    hook = getattr(operator, "__dict__", {}).get("_hook")
    return getattr(hook, "__dict__", {}).get("_connection")


def _of_environment(conn_id: str, connections: Connections, environment: Mapping[str, str]) -> Any | None:
    text = environment.get(f"AIRFLOW_CONN_{conn_id.upper()}")
    return connections.connection_from(conn_id, text) if text else None


def _of_operator(operator: object) -> dict[str, object]:
    asked = getattr(operator, "hook_params", None)
    said = {**getattr(operator, "__dict__", {}), **(asked if isinstance(asked, dict) else {})}
    return {part: _first(said, names) for part, names in _OF_OPERATOR.items()}


def _facts(conn_id: str, connection: Any, said: Mapping[str, object]) -> Address:
    extras = _extras(connection)
    kind = _kind(str(connection.conn_type), extras)
    rule = _rule(kind, extras)
    fields = {
        "host": connection.host or _cluster(kind, extras),
        "name": connection.schema if rule.field == "name" else None,
        "schema": connection.schema if rule.field == "schema" else None,
    }
    found = {part: said.get(part) or _first(extras, getattr(rule, part), kind) or fields.get(part) for part in _PARTS}
    port = None
    with contextlib.suppress(TypeError, ValueError):
        port = int(connection.port)
    address = _address(conn_id, kind, {**found, "name": found["name"] or rule.default_name}, port)
    path = _search_path(said.get("options") or extras.get("options")) if kind in _OF_SEARCH_PATHS else []
    return {**address, "search_path": path} if path else address


def _search_path(options: object) -> list[str]:
    found = _SEARCH_PATH.search(options) if isinstance(options, str) else None
    names = found["schemas"].replace("\\", "").split(",") if found else []
    return [word(name.strip(' "')) for name in names if name.strip(' "') not in {"", "$user"}]


def _address(conn_id: str, kind: str, found: Mapping[str, object], port: int | None) -> Address:
    return Address(
        conn_id=word(conn_id),
        kind=word(kind),
        host=_word(found.get("host")),
        port=port,
        name=_word(found.get("name")),
        schema=_word(found.get("schema")),
        account=_word(found.get("account")),
        region=_word(found.get("region")),
    )


def _word(value: object) -> str | None:
    return word(str(value)) if value else None


def _kind(kind: str, extras: Mapping[str, object]) -> str:
    """Redshift can be spoken to as if it were Postgres; the connection then says so."""
    return "redshift" if kind == "postgres" and extras.get("redshift") else kind


def _rule(kind: str, extras: Mapping[str, object]) -> Rule:
    # Without a service Airflow takes the field `schema` for one.
    if kind == "oracle" and not extras.get("service_name"):
        return _ORACLE_WITHOUT_SERVICE
    return _RULES.get(kind, _PLAIN)


def _cluster(kind: str, extras: Mapping[str, object]) -> str | None:
    """With IAM a Redshift needs no host: its cluster's name and region are what its host would be named by."""
    parts = extras.get("cluster_identifier"), extras.get("region")
    return f"{parts[0]}.{parts[1]}" if kind == "redshift" and all(parts) else None


def _extras(connection: Any) -> dict[str, object]:
    """Read the extras by ourselves: for `extra_dejson` Airflow asks its supervisor to hide what is in them."""
    text = getattr(connection, "extra", None)
    if not isinstance(text, str) or not text.lstrip().startswith("{") or len(text) > _LARGEST_EXTRA:
        return {}
    with contextlib.suppress(ValueError, RecursionError):
        found = json.loads(text)
        return found if isinstance(found, dict) else {}
    return {}


def _first(said: Mapping[str, object], names: tuple[str, ...], kind: str = "") -> object:
    """Return the first that is said, also under the long name that the forms of Airflow once gave an extra."""
    prefixes = ("", *(f"extra__{owner}__" for owner in (kind, _GOOGLE) if kind))
    found = (said.get(f"{prefix}{name}") for name in names for prefix in prefixes)
    return next((value for value in found if isinstance(value, (str, int)) and value), None)
