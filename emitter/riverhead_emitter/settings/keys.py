"""Settings by name, ours and the official client's, and what to say about a name that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading
from riverhead_emitter.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Every setting of ours, with what it is for; docs/configuration.md says more of each.
OUR_KEYS = {
    "RIVERHEAD_CATALOG_URL": "where questions are asked",
    "RIVERHEAD_DISABLED": "true: observe nothing",
    "RIVERHEAD_EVENT_MAX_BYTES": "larger events are trimmed, and say so",
    "RIVERHEAD_EXTRACTORS": "classes that know the lineage of Airflow's operators",
    "RIVERHEAD_READ_CONFIG_FILE": "false: look for no openlineage.yml",
    "RIVERHEAD_ATTACH_SPARK": "true: listen to the Spark jobs that Airflow's SparkSubmitOperator submits",
    "RIVERHEAD_DEFER_TO_PROVIDER": "true: stand aside where Airflow's official OpenLineage listener is active",
    "RIVERHEAD_READ_SCHEMAS": "false: ask no database of an Airflow task for its columns",
    "RIVERHEAD_REDACT_PATTERNS": "regular expressions for what else is a secret",
    "RIVERHEAD_REDACT_SQL_LITERALS": "true: hide the literals of SQL texts",
    "RIVERHEAD_SPOOL_DIR": "where records wait to be sent",
    "RIVERHEAD_SPOOL_EPHEMERAL": "true: the spool ends with this host, so it is drained before the host does",
    "RIVERHEAD_SPOOL_MAX_BYTES": "above it the oldest closed segment leaves, counted",
    "RIVERHEAD_SPOOL_SYNC": "true: a record is on the disk itself before it counts as kept",
    "RIVERHEAD_START_DRAINER": "false: long-lived hosts leave no resident drainer behind",
    "RIVERHEAD_TAP_CACHE": "where Spark's listener keeps its compiled classes; false: nowhere",
    "RIVERHEAD_TIMEOUT_SECONDS": "total time for one delivery",
}
# Said by `riverhead run --show` to its job, and by nobody else.
SHOWN_IN = "_RIVERHEAD_SHOWN_IN"
_OUR_PREFIX, _THEIR_PREFIX = "RIVERHEAD_", "OPENLINEAGE_"
# Of the official client's, what is read here by its name, and what other integrations of theirs read.
_THEIR_KEYS = ("API_KEY", "CONFIG", "DISABLED", "ENDPOINT", "NAMESPACE", "PARENT_ID", "ROOT_PARENT_ID", "URL")
_NOT_READ = ("AIRFLOW_DISABLE_SOURCE_CODE", "CLIENT_LOGGING", "DBT_JOB_NAME", "DBT_USE_EXTENDED_JOB_NAME")
# These stand after two underscores, and anything may stand below them.
_THEIR_TREES = ("DATASET", "FACETS", "FILTERS", "TAGS", "TRANSPORT")
# Set by our own Makefile for the tests of this project.
_TEST_PREFIX = "RIVERHEAD_TEST_"


def unknown_keys(values: Mapping[str, str]) -> dict[str, str | None]:
    """Return each key of ours that nobody knows, with the nearest known one."""
    return {
        key: _nearest_of_ours(key)
        for key in sorted(values)
        if key.startswith(_OUR_PREFIX) and key not in OUR_KEYS and not key.startswith(_TEST_PREFIX)
    }


def _nearest_of_ours(key: str) -> str | None:
    # Without the prefix, which would make everything look near.
    own = [known.removeprefix(_OUR_PREFIX) for known in OUR_KEYS]
    found = _nearest(key.removeprefix(_OUR_PREFIX), own, 0.5)
    return None if found is None else _OUR_PREFIX + found


def misspelt_keys(values: Mapping[str, str]) -> dict[str, str]:
    """Return each key that looks like one of the official client's and is none, with that one.

    What looks like none of them may be another program's, and is nothing to complain of.
    """
    found = {key: _meant(key) for key in sorted(values) if key.startswith(_THEIR_PREFIX)}
    return {key: meant for key, meant in found.items() if meant is not None}


def _meant(key: str) -> str | None:
    """Return the key of the official client's that was meant by this one; None if nothing is wrong with it."""
    name = key.removeprefix(_THEIR_PREFIX)
    first, *below = name.strip("_").split("__")
    trees = {tree: f"{_THEIR_PREFIX}_{'__'.join((tree, *below))}" for tree in _THEIR_TREES}
    keys = {} if below else {known: _THEIR_PREFIX + known for known in _THEIR_KEYS}
    if name in keys or name in _NOT_READ or (name.startswith("_") and first.upper() in trees):
        return None
    return {**keys, **trees}.get(_nearest(first.upper(), (*keys, *trees), 0.7) or "")


def _nearest(name: str, known: Iterable[str], cutoff: float) -> str | None:
    with loading():
        from riverhead_emitter.nearest import nearest  # a cost that only a mistake has

    return nearest(name, known, cutoff)


def unknown_key_sentence(key: str, nearest: str | None) -> str:
    """Say which key is not known, and which one may have been meant."""
    return f"unknown setting {printable(key)}" + (f"; did you mean {printable(nearest)}?" if nearest else "")
