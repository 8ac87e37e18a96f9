"""What Python asks of the JVM: the application's facts once, then the tap's records for as long as it lives."""

from __future__ import annotations

import json
from typing import Any

from riverhead_spark.tap.compile import tap_class

# Long enough that an idle application costs nothing, short enough that `close` is noticed by itself.
_WAIT_MILLISECONDS = 1000
_MOST_RECORDS = 50
_PREFIXES = ("spark.openlineage.", "spark.riverhead.")


def conf_of(context: Any) -> dict[str, str]:
    """Return the part of the application's conf that is about lineage, and nothing else of it."""
    jvm_conf = context._jsc.sc().conf()  # noqa: SLF001 - reading all of it costs two calls per entry
    found: dict[str, str] = {}
    for prefix in _PREFIXES:
        for entry in jvm_conf.getAllWithPrefix(prefix):
            found[f"{prefix}{entry._1()}"] = str(entry._2())  # noqa: SLF001 - Scala's names of a pair's halves
    return found


class Tap:
    """The compiled tap on one application's listener bus; made, attached, polled, closed."""

    def __init__(self, context: Any) -> None:
        """Compile the tap if this JVM has none yet, and put it on the bus."""
        gateway = context._gateway  # noqa: SLF001 - PySpark has no public way to its JVM
        arguments = gateway.new_array(gateway.jvm.java.lang.Object, 1)
        arguments[0] = context._jsc.sc()  # noqa: SLF001 - PySpark has no public way to its JVM
        self._tap = tap_class(context).getConstructors()[0].newInstance(arguments)
        self._tap.attach()

    def poll(self) -> list[dict[str, Any]] | None:
        """Wait a moment for records and return them, or None when there will be no more."""
        batch = self._tap.poll(_WAIT_MILLISECONDS, _MOST_RECORDS)
        if batch is None:
            return []
        return json.loads(batch) if batch else None

    def leave(self, seconds: float) -> None:
        """Take what has already happened, waiting so long at most, then leave the bus; `poll` sees the end."""
        self._tap.flush(int(seconds * 1000))
        self._tap.detach()
