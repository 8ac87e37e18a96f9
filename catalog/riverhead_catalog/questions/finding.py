"""Which column does somebody mean? A name may be as short as it is unambiguous."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from riverhead_catalog.questions.words import column_in_words, plain
from riverhead_emitter.errors import RiverheadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from riverhead_emitter.model import Column

_MOST_SHOWN = 8
_MOST_READINGS = 50
_LONGEST_NAME = 4_000


class UnknownColumn(RiverheadError):  # noqa: N818 - reads as what it is
    """No column has this name."""


class AmbiguousColumn(RiverheadError):  # noqa: N818 - the same
    """Several columns have this name."""


def readings(text: str) -> Iterator[tuple[str, str]]:
    """Yield every way to read a name as dataset and column; both may hold dots, so the longest dataset comes first."""
    place = text.rfind(".")
    for _ in range(_MOST_READINGS):
        if place <= 0:
            return
        if text[place + 1 :]:
            yield text[:place], text[place + 1 :]
        place = text.rfind(".", 0, place)


def check_length(text: str) -> None:
    """Refuse what is no name: each reading of it costs the store a question."""
    if len(text) > _LONGEST_NAME:
        raise UnknownColumn(f"No column has a name of {len(text):,} characters.")


def the_one(text: str, found: Sequence[Column]) -> Column:
    """Return the only column found; several are a sentence that lists them."""
    if len(found) == 1:
        return found[0]
    shown = [column_in_words(column) for column in sorted(found)[:_MOST_SHOWN]]
    more = f", and {len(found) - _MOST_SHOWN} more" if len(found) > _MOST_SHOWN else ""
    raise AmbiguousColumn(
        f"{plain(text)} names {len(found)} columns: {', '.join(shown)}{more}; "
        "write more of the name, or add --namespace."
    )


def unknown(text: str, known: Iterable[Column]) -> UnknownColumn:
    """Return the error for a name that nothing has, with the nearest names."""
    by_name = {f"{column.dataset.name}.{column.name}": column for column in known}
    short = {_short(name): column for name, column in by_name.items()}
    near = difflib.get_close_matches(text, by_name, n=3, cutoff=0.5)
    candidates = [by_name[name] for name in near]
    candidates += [short[name] for name in difflib.get_close_matches(_short(text), short, n=3, cutoff=0.6)]
    shown = [column_in_words(column) for column in dict.fromkeys(candidates)][:3]
    hint = f"the nearest: {', '.join(shown)}." if shown else "write DATASET.COLUMN, such as orders.amount."
    return UnknownColumn(f"No column {plain(text)} is known; {hint}")


def _short(name: str) -> str:
    """Return the last two parts of a name, which is what people remember."""
    return ".".join(name.replace("/", ".").rsplit(".", 2)[-2:])
