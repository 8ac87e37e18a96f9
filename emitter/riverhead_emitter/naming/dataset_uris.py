"""One line that a person writes → the dataset it means: a path, an object, a table, a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.model import Dataset
from riverhead_emitter.naming.connections import database_at, kind_of
from riverhead_emitter.naming.database import Address
from riverhead_emitter.naming.database_urls import address_of
from riverhead_emitter.naming.embedded import EMBEDDED
from riverhead_emitter.naming.files import location
from riverhead_emitter.naming.jdbc import database_of_jdbc
from riverhead_emitter.naming.servers import SERVERS
from riverhead_emitter.naming.streams import in_memory, kafka_topic, pubsub

if TYPE_CHECKING:
    from riverhead_emitter.naming.database import Database
    from riverhead_emitter.naming.hosts import Aliases

_GLUE = "arn:aws:glue:"
# As people call databases that are a file; a catalog, a schema and a table may stand behind one.
_FILES = (".db", ".db3", ".ddb", ".duckdb", ".sqlite", ".sqlite3")
_MOST_PARTS = 3
_OF_DEEP_PLACES = {"cosmos", "spanner"}
_WAREHOUSES = {"athena", "bigquery", "cosmos", "databricks", "kusto", "redshift", "snowflake", "spanner"}


def database_of_url(url: str, aliases: Aliases | None = None) -> Database | None:
    """Return the database of a SQLAlchemy URL (`postgresql+psycopg2://host/name`), or of a JDBC URL."""
    if url[:5].lower() == "jdbc:":
        return database_of_jdbc(url, aliases)
    scheme, colon, rest = url.strip().partition(":")
    kind = kind_of(scheme)
    if not colon:
        return None
    if kind in EMBEDDED:
        path = rest.removeprefix("//").partition("?")[0]
        # Three slashes begin a path from here, four one from the root.
        return database_at(Address(kind, path.removeprefix("/")), aliases)
    address = address_of(kind, rest)
    return database_at(address, aliases) if address else None


def dataset_of(text: str, aliases: Aliases | None = None) -> Dataset:
    """Return the dataset that a path or a URI means; of a database's URI, the last step is the table.

    `postgres://host/shop/public.orders` and the specification's `postgres://host:5432/shop.public.orders` are one.
    A JDBC URL names no table, and is refused.
    """
    if text.startswith(_GLUE):
        namespace, _, name = text.partition(":table/")
        return Dataset(namespace, f"table/{name}")
    scheme, colon, rest = text.partition(":")
    kind = kind_of(scheme) if colon and len(scheme) > 1 else ""
    match kind:
        case "jdbc":
            raise RiverheadError("a JDBC URL names a database: ask database_of_jdbc for it, and that one for the table")
        case "kafka":
            servers, _, topic = rest.removeprefix("//").partition("/")
            return kafka_topic(servers.rpartition("@")[2], topic, aliases)
        case "pubsub":
            what, _, path = rest.removeprefix("//").partition(":")
            project, _, name = path.partition(":")
            return pubsub(project, name, what) if name else Dataset("pubsub", rest.lstrip("/"))
        case "inmemory":
            return in_memory(rest.lstrip("/"))
    if kind in EMBEDDED and rest.startswith("//"):
        path, table = _in_file(rest[2:].partition("?")[0])
        found = database_at(Address(kind, path), aliases) if path else None
        return found.dataset(table) if found else location(text, aliases)
    if kind in SERVERS or kind in _WAREHOUSES:
        return _table(kind, rest, aliases) or location(text, aliases)
    return location(text, aliases)


def _in_file(path: str) -> tuple[str, tuple[str, ...]]:
    """Return a database's file and the parts of a table's name behind it, with dots or steps between them."""
    steps = path.split("/")
    for count in range(2, min(_MOST_PARTS, len(steps) - 1) + 1):
        if steps[-count - 1].endswith(_FILES):
            return "/".join(steps[:-count]), tuple(steps[-count:])
    return "/".join(steps[:-1]), tuple(steps[-1].split("."))


def _table(kind: str, rest: str, aliases: Aliases | None) -> Dataset | None:
    place, slash, table = rest.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")
    server, _, path = place.removeprefix("//").partition("/")
    if "/" in path and kind not in _OF_DEEP_PLACES:
        # postgres://host/shop/mart/orders: three steps are a whole name, which the specification writes with dots.
        place, table = f"//{server}", ".".join([*path.split("/"), table])
    if kind == "bigquery" and not rest.startswith("//"):
        place, slash, table = "", "/", rest
    address = address_of(kind, place) if place.strip("/") else Address(kind)
    if not (slash and table and address) or (address.host is None and kind != "bigquery"):
        return None
    found = database_at(address, aliases)
    return found.named(table) if found else None
