"""Text from outside, made fit to keep: without secrets and of a bounded size."""

from __future__ import annotations

import json
import threading
import traceback
from typing import TYPE_CHECKING, Any

from riverhead_airflow.snapshot import Failure
from riverhead_emitter.plain_values import kept as kept_copy
from riverhead_emitter.redaction import MASK, REDACTION
from riverhead_emitter.version import PRODUCER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from riverhead_emitter.redaction import Redaction

MOST_SQL = 256 << 10
_MOST_MESSAGE, _MOST_STACK, _MOST_LINE = 4 << 10, 16 << 10, 2 << 10
_MOST_WORD, _MOST_LINK = 512, 2 << 10
_MOST_VALUE = 16 << 10
# A secret that the cut goes through would no longer look like one: scrub a little more than is kept.
MARGIN = 4 << 10
_URL = "jdbc:"
# What is shorter stands in too many texts as something else.
_SHORTEST_SECRET, _MOST_SECRETS = 5, 100
# By which a facet names its schema and who made it.
_OF_FACETS = ("https://openlineage.io/spec/", "urn:riverhead:", PRODUCER)
# What says which run it is, and of which database.
_NAMING = frozenset(
    {
        *("namespace", "dag_id", "run_id", "run_type", "logical_date", "run_after", "origin"),
        *("task_id", "state", "time", "start_time", "end_time", "operator", "address"),
    }
)


class Masker:
    """What Airflow hides, in every text of a record but those that say which run and which database it is of.

    Airflow hides every secret that it has met wherever it stands, and a password may well be the name of a DAG, too:
    with `***` in its names a run would be another one.
    """

    def __init__(self, masked: Callable[[str], str]) -> None:
        self._masked = masked
        self._given: list[str] = []
        # Each thread keeps a record of its own.
        self._here = threading.local()

    def spare(self, snapshot: Mapping[str, object], *more: str) -> None:
        """Leave these facts as they are from now on, and no longer those of the snapshot before."""
        facts = [value for key, value in snapshot.items() if key in _NAMING]
        self._here.spared = frozenset([*more, *_texts_in(facts)])

    def learn(self, given: object) -> None:
        """Hide wherever it stands what a run was given under a secret's name: a template may put it anywhere."""
        secrets = {text for text in hidden_in(given) if len(text) >= _SHORTEST_SECRET}
        self._given = sorted(secrets, key=len, reverse=True)[:_MOST_SECRETS]

    def __call__(self, text: str) -> str:
        """Return the text as Airflow would log it."""
        spared = getattr(self._here, "spared", ())
        if text in spared or text.startswith(_OF_FACETS):
            return text
        for secret in self._given:
            text = text.replace(secret, MASK)
        return self._masked(text)


def _texts_in(facts: Iterable[object]) -> Iterable[str]:
    for fact in facts:
        # A whole URL, as a JDBC connection has it, may hold more than a name.
        if isinstance(fact, str) and not fact.startswith(_URL):
            yield fact
        elif isinstance(fact, dict):
            yield from _texts_in(fact.values())


def hidden_in(given: object) -> Iterator[str]:
    """Yield the texts that are hidden for the names they stand under."""
    plain = kept_copy(given, _MOST_VALUE)[0]
    if plain:
        yield from _hidden(plain, json.loads(REDACTION.scrubbed(json.dumps(plain))))


def _hidden(plain: Any, shown: Any) -> Iterator[str]:
    if isinstance(plain, dict) and isinstance(shown, dict):
        for name, value in plain.items():
            yield from _hidden(value, shown.get(name))
    elif isinstance(plain, list) and isinstance(shown, list):
        for value, told in zip(plain, shown, strict=False):
            yield from _hidden(value, told)
    elif isinstance(plain, str) and shown == MASK != plain:
        yield plain


def kept(text: str, most: int, redaction: Redaction) -> str:
    """Return the start of the text, scrubbed."""
    return redaction.scrubbed(text[: most + MARGIN])[:most]


def word(text: str) -> str:
    """Return a name or an id, short and without what is a secret everywhere; what Airflow masks may be its name."""
    return kept(text, _MOST_WORD, REDACTION)


def state_name(state: object) -> str:
    """Return a state as Airflow calls it; most are of a class of their own."""
    return str(getattr(state, "value", state))


def link(text: str) -> str:
    """Return the address of a page."""
    return kept(text, _MOST_LINK, REDACTION)


def kept_value(value: object, redaction: Redaction) -> Any:
    """Return a copy of what an author or a user gave, in plain values and of a bounded size."""
    return kept_copy(value, _MOST_VALUE, redaction.beginning)[0]


def statements(sql: object, redaction: Redaction) -> tuple[list[str], bool]:
    """Return an operator's rendered SQL as a list of texts, and whether something had to be cut away."""
    texts = [sql] if isinstance(sql, str) else sql
    if not isinstance(texts, list | tuple):
        return [], False
    room, found, is_cut = MOST_SQL, [], False
    for text in texts:
        if not isinstance(text, str):
            continue
        is_cut = is_cut or len(text) > room
        if room > 0:
            found.append(kept(text, room, redaction))
            room -= len(text)
    return found, is_cut


def failure_of(error: object, redaction: Redaction) -> Failure | None:
    """Return what an error says, with the end of its stack: that is where it was raised."""
    if error is None:
        return None
    if not isinstance(error, BaseException):
        return Failure(message=kept(str(error), _MOST_MESSAGE, redaction), stack=None)
    lines = traceback.format_exception(type(error), error, error.__traceback__, limit=50)
    # A message of megabytes would be all that is left of its stack.
    stack = "".join(line if len(line) <= _MOST_LINE else f"{kept(line, _MOST_LINE, redaction)} …\n" for line in lines)
    return Failure(
        message=kept(f"{type(error).__name__}: {error}", _MOST_MESSAGE, redaction),
        stack=redaction.scrubbed(stack[-(_MOST_STACK + MARGIN) :])[-_MOST_STACK:],
    )
