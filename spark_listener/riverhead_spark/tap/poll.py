"""What Python asks of the JVM: the application's facts once, then the tap's records for as long as it lives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from riverhead_spark.tap.compile import keep_compiled, loaded
from riverhead_spark.tap.jvm import Jvm

if TYPE_CHECKING:
    from pathlib import Path

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

    def __init__(self, context: Any, cache: Path | None = None) -> None:
        """Bring the tap into this JVM if it has none yet, and put it on the bus; its classes are kept in `cache`."""
        jvm = Jvm(context)
        self._loaded, self._cache = loaded(jvm, str(context.version), cache), cache
        constructor = self._loaded.tap.getConstructors()[0]
        self._tap = constructor.newInstance(jvm.array("java.lang.Object", [jvm.spark_context]))
        self._tap.attach()
        self._taken = 0

    def poll(self) -> list[dict[str, Any]] | None:
        """Wait a moment for records and return them, or None when there will be no more."""
        # Here, and not when attaching, because nobody waits for this thread.
        keep_compiled(self._loaded, self._cache)
        self._loaded = self._loaded._replace(compiled=None)
        batch = self._tap.poll(self._taken, _WAIT_MILLISECONDS, _MOST_RECORDS)
        if batch is None:
            return []
        self._taken += 1
        return json.loads(batch) if batch else None

    def leave(self, seconds: float) -> None:
        """Take what has already happened, waiting so long at most, then leave the bus; `poll` sees the end."""
        self._tap.flush(int(seconds * 1000))
        self._tap.detach()
