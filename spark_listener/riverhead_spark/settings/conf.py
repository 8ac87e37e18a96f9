"""`spark.openlineage.*` and `spark.riverhead.*` → the names that an environment would use, and what has none."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter.printable import printable
from riverhead_emitter.settings import unknown_key_sentence, unknown_keys
from riverhead_spark.settings.transports import listed, transport_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_THEIRS, _OURS = "spark.openlineage.", "spark.riverhead."
_TRANSPORT = f"{_THEIRS}transport."
_SAME = {"namespace": "OPENLINEAGE_NAMESPACE", "disabled": "OPENLINEAGE_DISABLED"}
_VARIABLES = ("facets.variables", "facets.custom_environment_variables")
_TAGS = {"job.tags": "job", "run.tags": "run"}
# What the application is called, what is to be told of its conf and who started it is read where observations are made.
_OF_APPLICATION = re.compile(r"appName|capturedProperties|(?:p|rootP)arent(?:JobNamespace|JobName|RunId)")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MOST_SHOWN = 10


class Said(NamedTuple):
    """What a conf says: names for the emitter, and the keys of the official agent that nothing here answers to."""

    names: dict[str, str]
    unread: tuple[str, ...]
    # The key of the conf that each of our names was made of.
    ours: dict[str, str]


def said_by(conf: Mapping[str, str]) -> Said:
    """Return what `spark.openlineage.*` and `spark.riverhead.*` say; as for the agent, what is blank says nothing."""
    told = {key: value for key, value in conf.items() if value.strip()}
    ours = {_our_name(key): key for key in told if key.startswith(_OURS)}
    names = {name: told[key] for name, key in ours.items()}
    unread: list[str] = []
    rest = {key[len(_THEIRS) :]: value for key, value in told.items() if key.startswith(_THEIRS)}
    for key, value in rest.items():
        if key in _SAME:
            names[_SAME[key]] = value
        elif (
            key not in (*_VARIABLES, *_TAGS) and not key.startswith("transport.") and not _OF_APPLICATION.fullmatch(key)
        ):
            unread.append(_THEIRS + key)
    transport = tree_of({key[len(_TRANSPORT) :]: value for key, value in told.items() if key.startswith(_TRANSPORT)})
    trees = {
        "TRANSPORT": transport_of(transport, _TRANSPORT, unread),
        "FACETS": _facets(rest),
        "TAGS": {part: _tags(rest[key]) for key, part in _TAGS.items() if key in rest},
    }
    names.update({f"OPENLINEAGE__{name}": json.dumps(tree) for name, tree in trees.items() if tree})
    return Said(names, tuple(sorted(unread)), ours)


def captured_properties(conf: Mapping[str, str]) -> frozenset[str]:
    """Return the names in Spark's conf whose values somebody wants to be told with the application."""
    return frozenset(name.strip() for name in conf.get(f"{_THEIRS}capturedProperties", "").split(",") if name.strip())


def complaints(said: Said, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what to warn about: keys of ours that nobody knows, and in one sentence the agent's that are not read."""
    for name, nearest in unknown_keys({**environment, **said.names}).items():
        key = said.ours.get(name)
        yield unknown_key_sentence(key or name, nearest and (_our_key(nearest) if key else nearest))
    if said.unread:
        shown = ", ".join(printable(key) for key in said.unread[:_MOST_SHOWN])
        more = len(said.unread) - _MOST_SHOWN
        yield f"not read from Spark's conf: {shown}" + (f" and {more} more" if more > 0 else "")


def _our_name(key: str) -> str:
    return "RIVERHEAD_" + _CAMEL.sub("_", key[len(_OURS) :]).replace(".", "_").upper()


def _our_key(name: str) -> str:
    first, *others = name.removeprefix("RIVERHEAD_").lower().split("_")
    return _OURS + first + "".join(word.capitalize() for word in others)


def _facets(rest: Mapping[str, str]) -> dict[str, Any]:
    names = [name for key in _VARIABLES if key in rest for name in listed(rest[key])]
    return {"environment_variables": names} if names else {}


def _tags(text: str) -> dict[str, str]:
    """Read `key:value;label`; a label is a tag that is true."""
    pairs = (entry.partition(":") for entry in text.split(";") if entry.strip())
    return {key.strip(): (value.partition(":")[0].strip() if colon else "true") for key, colon, value in pairs}
