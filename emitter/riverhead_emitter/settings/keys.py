"""Our own settings by name, and what to say about a name that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading
from riverhead_emitter.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

# Every setting of ours, with what it is for; docs/configuration.md says more of each.
OUR_KEYS = {
    "RIVERHEAD_CATALOG_URL": "where questions are asked",
    "RIVERHEAD_DISABLED": "true: observe nothing",
    "RIVERHEAD_EVENT_MAX_BYTES": "larger events are trimmed, and say so",
    "RIVERHEAD_READ_CONFIG_FILE": "false: look for no openlineage.yml",
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
_OUR_PREFIX = "RIVERHEAD_"
# Set by our own Makefile for the tests of this project.
_TEST_PREFIX = "RIVERHEAD_TEST_"


def unknown_keys(values: Mapping[str, str]) -> dict[str, str | None]:
    """Return each key of ours that nobody knows, with the nearest known one."""
    return {
        key: _nearest(key)
        for key in sorted(values)
        if key.startswith(_OUR_PREFIX) and key not in OUR_KEYS and not key.startswith(_TEST_PREFIX)
    }


def _nearest(key: str) -> str | None:
    with loading():
        from riverhead_emitter.nearest import nearest  # a cost that only a mistake has

    # Without the prefix, which would make everything look near.
    own = [known.removeprefix(_OUR_PREFIX) for known in OUR_KEYS]
    found = nearest(key.removeprefix(_OUR_PREFIX), own, cutoff=0.5)
    return None if found is None else _OUR_PREFIX + found


def unknown_key_sentence(key: str, nearest: str | None) -> str:
    """Say which key is not known, and which one may have been meant."""
    return f"unknown setting {printable(key)}" + (f"; did you mean {nearest}?" if nearest else "")
