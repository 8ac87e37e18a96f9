"""Listening to a Spark Connect client: its requests take the place of the JVM's records."""

from __future__ import annotations

import itertools
import queue
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_emitter.guard import guard
from riverhead_spark.application import parent_facts
from riverhead_spark.code.script import script_facts
from riverhead_spark.connect.requests import request_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_emitter.guard import FailureLog

_WAIT_SECONDS = 1.0
# So much waits at most; a client's requests are few, and each waits for its server.
_MOST_RECORDS = 1000
_METHOD = "_execute_and_fetch_as_iterator"


class ClientTap:
    """What one session asks of its server, record by record; made, attached, polled, closed as the JVM's tap is."""

    def __init__(self, session: Any, failures: FailureLog) -> None:
        """Watch this session's client from now on."""
        self._client, self._failures = session.client, failures
        self._records: queue.Queue[dict[str, Any]] = queue.Queue(_MOST_RECORDS)
        self._numbers = itertools.count()
        self._dropped = 0
        self._is_over = False
        self._original = getattr(self._client, _METHOD)
        setattr(self._client, _METHOD, self._watched)

    def poll(self) -> list[dict[str, Any]] | None:
        """Wait a moment for records and return them, or None when there will be no more."""
        try:
            return [self._records.get(timeout=0.0 if self._is_over else _WAIT_SECONDS)]
        except queue.Empty:
            return None if self._is_over else []

    def leave(self, seconds: float) -> None:
        """Leave the client as it was; what has happened is there already."""
        del seconds
        setattr(self._client, _METHOD, self._original)
        self._is_over = True

    def _watched(self, request: Any, *given: Any, **named: Any) -> Iterator[Any]:
        record = self._begun(request)
        try:
            yield from self._original(request, *given, **named)
        except GeneratorExit:
            # Whoever asked has seen enough.
            self._ended(record, None)
            raise
        except BaseException as error:
            self._ended(record, error)
            raise
        self._ended(record, None)

    def _begun(self, request: Any) -> dict[str, Any] | None:
        with guard("reading a request", self._failures):
            facts = request_facts(request.plan)
            if facts is not None:
                number = next(self._numbers)
                record = {"id": number, "root": number, "started": _now(), "plan": facts}
                self._keep({**record, "what": "start"})
                return record
        return None

    def _ended(self, record: dict[str, Any] | None, error: BaseException | None) -> None:
        if record is None:
            return
        with guard("reading a request's end", self._failures):
            # As the tap does, the plan is told once.
            end = {key: record[key] for key in ("id", "root", "started")}
            failure = {} if error is None else {"error": {"class": type(error).__name__, "message": str(error)[:4000]}}
            self._keep({**end, "what": "end", "ended": _now(), **failure})

    def _keep(self, record: dict[str, Any]) -> None:
        try:
            self._records.put_nowait({**record, "dropped": self._dropped} if self._dropped else record)
        except queue.Full:
            self._dropped += 1


def client_facts(session: Any, namespace: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Return what a client knows of its application without asking the server: hardly more than its own script."""
    code = script_facts()
    return {
        "id": session.client._session_id,  # noqa: SLF001 - Spark 3.5 has no public name for it
        "name": Path(code["path"]).stem if code else "spark_connect",
        "spark_version": sys.modules["pyspark"].__version__,
        "namespace": namespace,
        "code": code,
        **parent_facts({}, environment),
    }


def _now() -> int:
    return int(time.time() * 1000)
