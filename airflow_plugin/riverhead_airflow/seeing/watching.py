"""The door: `watch` once per process, `begin` with a task, `taken` at its end.

Everything else is loaded when the first of what it watches is there: a task without a database pays for this alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_airflow.seeing.imports import Awaited
from riverhead_emitter.guard import guard
from riverhead_emitter.loading import loading

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.seeing.drivers import Drivers
    from riverhead_airflow.seeing.paths import Paths
    from riverhead_airflow.seeing.witness import OnConnection, OnStatement, Witness
    from riverhead_airflow.snapshot import Seen
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.redaction import Redaction

_HOOKS, _ENGINES, _SQLITE = "airflow.providers.common.sql.hooks.sql", "sqlalchemy", "sqlite3"
# In Airflow 3, where the second is a name for the first; and in Airflow 2.
_PATHS = ("airflow.sdk.io.path", "airflow.io.path")


class Sightings:
    """What this process sees of one task after the other."""

    def __init__(self, redaction: Redaction, failures: FailureLog, collector: Callable[[], Any | None]) -> None:
        self._redaction = redaction
        self._failures = failures
        self._collector = collector
        self._witness: Witness | None = None
        self._paths: Paths | None = None
        self._drivers: Drivers | None = None
        self._on_connection: list[OnConnection] = []
        self._on_statement: list[OnStatement] = []
        self._is_begun = False
        self._told_before: tuple[int, int, int] | None = None

    def begin(self) -> None:
        """Begin with a task, and forget the one before."""
        self._is_begun, self._told_before = True, None
        if self._witness is not None:
            self._witness.begin()
        if self._paths is not None:
            self._paths.begin()
        with guard("looking at what hooks told before", self._failures):
            collector = self._collector()
            if collector is not None:
                self._told_before = _collecting().told_to(collector).counts()

    def on_connection(self, tell: OnConnection) -> None:
        """Call this with the hook, its connection's id and the connection when a task first opens it."""
        self._on_connection.append(tell)

    def on_statement(self, tell: OnStatement) -> None:
        """Call this with each new statement before it runs, as it was said, with whatever secrets are in it."""
        self._on_statement.append(tell)

    def open_unseen(self, hook: Any) -> Any:
        """Return a connection that a hook opens for us: what is done there is not the task's."""
        return self._awake().unseen(hook)

    def taken(self) -> Seen:
        """Return everything seen of the task, without secrets, and stop seeing until the next one begins."""
        taken: Seen = {"statements": [], "left_out": 0, "assets": {"inputs": [], "outputs": []}}
        if not self._is_begun:
            return taken
        with guard("taking what hooks told", self._failures):
            self._take_told(taken)
        if self._paths is not None:
            self._paths.add_to(taken["assets"], self._redaction)
        self._is_begun = False
        statements = self._witness.statements if self._witness else None
        if self._witness is not None and statements is not None:
            self._witness.statements = None
            with guard("taking what was seen", self._failures):
                taken["statements"] = statements.sightings(self._redaction, self._failures)
            taken["left_out"] = statements.left_out
        return taken

    def watch(self) -> None:
        """Wait for what there is to watch."""
        awaited = Awaited(self._failures)
        awaited.wait_for(_HOOKS, lambda module: self._watch_hooks(module, awaited))
        awaited.wait_for(_ENGINES, self._watch_engines)
        for name in _PATHS:
            awaited.wait_for(name, self._watch_paths)

    def _take_told(self, taken: Seen) -> None:
        collector = self._collector()
        if collector is None:
            return
        collecting = _collecting()
        told = collecting.told_to(collector).since(self._told_before)
        with guard("taking what hooks told of statements", self._failures):
            collecting.hear_jobs(told, self._awake())
        taken["assets"] = collecting.assets_of(told, self._redaction)

    def _watch_hooks(self, module: Any, awaited: Awaited) -> None:
        with loading():
            from riverhead_airflow.seeing.hooks import Hooks

        drivers = self._followed()
        Hooks(self._awake(), drivers).watch(module)
        awaited.wait_for(_SQLITE, drivers.watch_sqlite)

    def _watch_engines(self, module: Any) -> None:
        with loading():
            from riverhead_airflow.seeing.engines import Engines

        Engines(self._awake(), lambda connection, source: self._followed().follow(connection, source)).watch(module)

    def _followed(self) -> Drivers:
        if self._drivers is None:
            with loading():
                from riverhead_airflow.seeing.drivers import Drivers

            self._drivers = Drivers(self._awake())
        return self._drivers

    def _watch_paths(self, module: Any) -> None:
        with loading():
            from riverhead_airflow.seeing.paths import Paths

        self._paths = self._paths or Paths(self._failures)
        self._paths.watch(module.ObjectStoragePath)

    def _awake(self) -> Witness:
        if self._witness is None:
            with loading():
                from riverhead_airflow.seeing.witness import Witness

            self._witness = Witness(self._failures, self._on_connection, self._on_statement)
            if self._is_begun:
                self._witness.begin()
        return self._witness


_HERE: list[Sightings] = []


def watch(redaction: Redaction, failures: FailureLog, collector: Callable[[], Any | None]) -> Sightings:
    """Return what sees for this process; its doors are put in once, also for the processes that it forks.

    `collector` returns Airflow's collector of hooks' lineage, if there is one here already.
    """
    if not _HERE:
        _HERE.append(Sightings(redaction, failures, collector))
        _HERE[0].watch()
    return _HERE[0]


def _collecting() -> Any:
    with loading():
        from riverhead_airflow.seeing import collector
    return collector
