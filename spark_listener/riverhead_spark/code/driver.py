"""The code of a driver, as it runs: the functions that it hands to Spark, and the lines from which it runs queries.

Two of PySpark's own calls are watched for it, whose arguments and answers stay as they are.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from riverhead_emitter.guard import guard
from riverhead_spark.code.frames import Place, engine_of
from riverhead_spark.code.functions import Functions
from riverhead_spark.code.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from riverhead_emitter.guard import FailureLog


_IN_PYTHON = re.compile(r"\w+ at (?P<file>/.+\.py):(?P<line>\d+)")
_ROOM = os.path.dirname(__file__)  # noqa: PTH120 - it is compared as text


class DriverCode:
    """What is known of one context's code; it adds to records of executions what these do not know themselves."""

    def __init__(self, waits: Waits, functions: Functions) -> None:
        self._waits, self._functions = waits, functions

    def describe(self, record: dict[str, Any]) -> None:
        """Add the line that ran the user's action, and the functions that its plan shows."""
        if record["id"] == record["root"] and (place := self._place(record)):
            record["call_site"] = place._asdict()
        shown = record.get("plan", {}).get("functions", ())
        if known := self._functions.described(map(int, shown)):
            record["functions"] = known

    def _place(self, record: Mapping[str, Any]) -> Place | None:
        # Spark's own words: `collect at /job/load.py:12`, or `parquet at NativeMethodAccessorImpl.java:0`.
        description = str(record.get("description") or "")
        told = _IN_PYTHON.fullmatch(description)
        known = self._waits.at(record["started"], description.partition(" at ")[0])
        return known or (Place(told["file"], int(told["line"])) if told else None)


class _Wrapping:
    """`_wrap_function` of PySpark's, which sends a function to the JVM, and has it remembered."""

    def __init__(self, wrap: Callable[..., Any], functions: Functions, failures: FailureLog) -> None:
        self.__wrapped__ = wrap
        self.functions, self.failures = functions, failures

    def __call__(self, context: Any, function: Any, *given: Any, **named: Any) -> Any:
        sent = self.__wrapped__(context, function, *given, **named)
        with guard("remembering a function", self.failures):
            # What a plan will show of it, and of no other function.
            identity = context._jvm.java.lang.System.identityHashCode(sent)  # noqa: SLF001 - PySpark has no public door to its JVM
            self.functions.remember(identity, function)
        return sent


def watch_code(context: Any, failures: FailureLog) -> DriverCode:
    """Watch the code of this process, whose JVM outlives its contexts; a second call changes nothing."""
    import py4j
    import pyspark
    from pyspark.sql import udf, udtf

    engine = engine_of(pyspark.__file__, py4j.__file__, _ROOM)
    client = context._gateway._gateway_client  # noqa: SLF001 - PySpark has no public door to its JVM
    if not isinstance(client.send_command, Waits):
        client.send_command = Waits(client.send_command, engine, failures)
    if not isinstance(udf._wrap_function, _Wrapping):  # noqa: SLF001 - where all that takes a function has it sent
        # The second module imports it from the first.
        udf._wrap_function = _Wrapping(udf._wrap_function, Functions(engine.packages[0]), failures)  # noqa: SLF001 - as above
        udtf._wrap_function = udf._wrap_function  # noqa: SLF001 - as above
    return DriverCode(client.send_command, udf._wrap_function.functions)  # noqa: SLF001 - as above
