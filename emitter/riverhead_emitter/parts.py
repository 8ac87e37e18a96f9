"""Where things stand in an event of whatever shape: facets, datasets, and what the specification has no word for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter.plain_values import pointed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riverhead_emitter.event import Event

_FACETS = ("facets", "inputFacets", "outputFacets")
_OF_AN_EVENT = frozenset(
    {"eventType", "eventTime", "producer", "schemaURL", "run", "job", "dataset", "inputs", "outputs"}
)
_OF_AN_OWNER = frozenset({"runId", "namespace", "name", *_FACETS})
_DEEPEST = 8


class Place(NamedTuple):
    """A value where it stands: under `key` of its holder; `path` is the JSON Pointer to it."""

    holder: dict[str, Any]
    key: str
    path: str

    @property
    def value(self) -> Any:
        """What stands there now."""
        return self.holder[self.key]

    def texts_under(self, key: str) -> Iterator[Place]:
        """Yield the texts of this name in it, however it is nested."""
        yield from _texts(self.value, key, self.path, 0)


def _texts(value: Any, key: str, path: str, depth: int) -> Iterator[Place]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if isinstance(value.get(key), str):
            yield Place(value, key, f"{path}/{key}")
        for name, item in value.items():
            yield from _texts(item, key, f"{path}/{pointed(name)}", depth + 1)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _texts(item, key, f"{path}/{at}", depth + 1)


def datasets(event: Event, side: str) -> list[Any]:
    """Return what an event lists as its `inputs` or `outputs`."""
    listed = event.get(side)
    return listed if isinstance(listed, list) else []


def facets(event: Event, name: str | None = None) -> Iterator[Place]:
    """Yield every facet of an event, or those of one name."""
    for owner, path in _owners(event):
        for kind in _FACETS:
            held = owner.get(kind)
            if isinstance(held, dict):
                for key in [name] if name in held else held if name is None else ():
                    yield Place(held, str(key), f"{path}/{kind}/{pointed(str(key))}")


def extras(event: Event) -> Iterator[Place]:
    """Yield what the specification has no word for, and what is of the wrong shape."""
    for key, value in event.items():
        is_misshapen = key in {"inputs", "outputs"} and not isinstance(value, list)
        if key not in _OF_AN_EVENT or is_misshapen:
            yield Place(event, key, f"/{pointed(key)}")
    for owner, path in _owners(event):
        for key, value in owner.items():
            if key not in _OF_AN_OWNER or (key in _FACETS and not isinstance(value, dict)):
                yield Place(owner, key, f"{path}/{pointed(key)}")


def _owners(event: Event) -> Iterator[tuple[dict[str, Any], str]]:
    named = [(event.get(name), f"/{name}") for name in ("run", "job", "dataset")]
    listed = [
        (entry, f"/{side}/{at}") for side in ("outputs", "inputs") for at, entry in enumerate(datasets(event, side))
    ]
    for owner, path in (*named, *listed):
        if isinstance(owner, dict):
            yield owner, path
