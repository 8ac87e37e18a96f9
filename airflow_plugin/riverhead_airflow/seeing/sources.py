"""Who is behind a connection: the hook that opened it, and where it leads as far as that is known."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from riverhead_airflow.addresses import address_of_connection, address_of_url, said_by_hook

if TYPE_CHECKING:
    from dataclasses import dataclass

    from riverhead_airflow.snapshot import Address
else:
    from riverhead_emitter.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """What a connection or an engine was made from: a hook's Airflow connection, or a URL without its user."""

    key: str
    hook: str | None = None
    conn_id: str | None = None
    connection: Any = None
    said: Any = None
    url: str | None = None

    def address(self) -> Address | None:
        """Return where it leads, as far as it is known without asking anybody."""
        if self.url is not None:
            return address_of_url(self.url)
        if self.connection is None:
            return None
        return address_of_connection(self.conn_id or "", self.connection, self.said)


def source_of_hook(hook: Any, noted: dict[str, Any]) -> Source:
    """Return who a hook speaks for, by the connections that hooks were given in this task."""
    conn_id = conn_id_of(hook)
    connection = getattr(hook, "__dict__", {}).get("_connection") or noted.get(conn_id or "")
    said = said_by_hook(hook)
    path = class_path(hook)
    return Source(f"{path} {conn_id} {said}", path, conn_id, connection, said)


def source_of_engine(engine: Any) -> Source:
    """Return what an engine of SQLAlchemy says of itself; who logs in there is left out at once."""
    url = engine.url.set(username=None, password=None).render_as_string(hide_password=True)
    return Source(url, url=url)


def conn_id_of(hook: Any) -> str | None:
    """Return the id of a hook's connection."""
    found = getattr(hook, str(getattr(hook, "conn_name_attr", "")), None)
    return found if isinstance(found, str) else None


def class_path(thing: object) -> str:
    """Return an object's class as one would import it."""
    return f"{type(thing).__module__}.{type(thing).__qualname__}"


class Known:
    """Sources by the objects that they are behind, which live and die as if nobody knew them.

    By identity, because connections and cursors may compare themselves, or be unhashable, as they like.
    """

    def __init__(self) -> None:
        self._by_id: dict[int, tuple[weakref.ref[Any], Source]] = {}

    def add(self, thing: Any, source: Source) -> None:
        """Remember who is behind this object; raise TypeError for one that cannot be followed."""
        number = id(thing)
        self._by_id[number] = weakref.ref(thing, lambda gone: self._forget(number, gone)), source

    def of(self, thing: object) -> Source | None:
        """Return who is behind this object."""
        found = self._by_id.get(id(thing))
        return found[1] if found is not None and found[0]() is thing else None

    def _forget(self, number: int, gone: weakref.ref[Any]) -> None:
        found = self._by_id.get(number)
        # Another object may have the place by now.
        if found is not None and found[0] is gone:
            self._by_id.pop(number, None)
