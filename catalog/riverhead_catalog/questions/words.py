"""Lineage in words, safe to print: kinds as people say them, and names without anything that steers a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from riverhead_emitter.model import Derivation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.model import Column, Dataset, Job

_WORDS = {
    Derivation.IDENTITY: "copied from",
    Derivation.TRANSFORMATION: "computed from",
    Derivation.AGGREGATION: "aggregated from",
    Derivation.JOIN: "joined on",
    Derivation.FILTER: "filtered by",
    Derivation.GROUP_BY: "grouped by",
    Derivation.SORT: "sorted by",
    Derivation.WINDOW: "windowed by",
    Derivation.CONDITIONAL: "decided by",
}
_ORDER = {kind: place for place, kind in enumerate(_WORDS)}
# Control, format (bidirectional overrides, zero-width), surrogate, private, line and paragraph separators.
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain(text: str) -> str:
    """Return text in which every character that could steer a terminal is spelled out."""
    return "".join(
        character.encode("unicode_escape", "backslashreplace").decode("ascii")
        if unicodedata.category(character) in _STEERING
        else character
        for character in text
    )


def kinds_in_words(kinds: Iterable[tuple[Derivation, bool]]) -> str:
    """Return kinds (each with whether it masks) as words, direct ones first."""
    known = sorted(set(kinds), key=lambda kind: (_ORDER[kind[0]], kind[1]))
    return ", ".join(_WORDS[how] + (" (masked)" if is_masking else "") for how, is_masking in known)


def column_in_words(column: Column) -> str:
    """Return a column with its dataset and namespace."""
    return f"{plain(column.dataset.name)}.{plain(column.name)} ({plain(column.dataset.namespace)})"


def dataset_in_words(dataset: Dataset) -> str:
    """Return a dataset with its namespace."""
    return f"{plain(dataset.name)} ({plain(dataset.namespace)})"


def job_in_words(job: Job) -> str:
    """Return a job with its namespace."""
    return f"{plain(job.name)} ({plain(job.namespace)})"
