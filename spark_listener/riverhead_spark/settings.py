"""Spark's conf → the emitter's flat names. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRANSPORT = "spark.openlineage.transport."
_OURS = "spark.riverhead."
_SAME = {"spark.openlineage.namespace": "OPENLINEAGE_NAMESPACE", "spark.openlineage.disabled": "OPENLINEAGE_DISABLED"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def flat_names(conf: Mapping[str, str]) -> dict[str, str]:
    """Return what `spark.openlineage.*` and `spark.riverhead.*` say, in the names that the environment uses."""
    flat: dict[str, str] = {}
    for key, value in conf.items():
        if key.startswith(_TRANSPORT):
            flat.update(_transport(key[len(_TRANSPORT) :], value))
        elif key.startswith(_OURS):
            flat["RIVERHEAD_" + _CAMEL.sub("_", key[len(_OURS) :]).replace(".", "_").upper()] = value
        elif key in _SAME:
            flat[_SAME[key]] = value
    return flat


def _transport(key: str, value: str) -> dict[str, str]:
    # The official agent calls the file so, and appends to it.
    if key == "location":
        return {"OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": value, "OPENLINEAGE__TRANSPORT__APPEND": "true"}
    return {"OPENLINEAGE__TRANSPORT__" + key.replace(".", "__").upper(): value}
