"""The list under `filters:` → filters; those of the official client, and ours beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.filters import SUBJECTS, Filter
from riverhead_emitter.printable import printable, quoted
from riverhead_emitter.settings.texts import mapping, regular, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def filters_of(value: Any) -> tuple[Filter, ...]:
    """Return the filters of a list, each once."""
    if not isinstance(value, list):
        raise ConfigurationError("filters must be a list of objects such as {type: exact, match: a_job}")
    return tuple(
        dict.fromkeys(_filter(number, mapping(f"filter {number}", entry)) for number, entry in enumerate(value, 1))
    )


def _filter(number: int, entry: Mapping[str, Any]) -> Filter:
    kind = entry.get("type")
    subject = {"exact": "job", "regex": "job"}.get(str(kind), str(kind))
    if subject not in SUBJECTS or kind == "job":
        known = ", ".join(("exact", "regex", *SUBJECTS[1:]))
        raise ConfigurationError(f"filter {number} needs a type of {known}, not {quoted(kind)}")
    # The official client refuses a file with any other field.
    unknown = [printable(key) for key in entry if key not in {"type", "match", "regex"}]
    if unknown:
        raise ConfigurationError(f"filter {number} has {unknown[0]}; it may have type, and match or regex")
    is_regex = kind == "regex" or (kind != "exact" and not entry.get("match"))
    pattern = text_of(entry.get("regex" if is_regex else "match"))
    if not pattern:
        needed = {"exact": "match", "regex": "regex"}.get(str(kind), "match or regex")
        raise ConfigurationError(f"filter {number} needs {needed}")
    return Filter(subject, regular(f"filter {number}", pattern) if is_regex else pattern, is_regex)
