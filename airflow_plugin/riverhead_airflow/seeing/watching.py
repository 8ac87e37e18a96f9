"""The door: `watch` once per process, `begin` with a task, `taken` at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_airflow.seeing import engines, hooks
from riverhead_airflow.seeing.collector import Mark, assets_of, hear_jobs, told_to
from riverhead_airflow.seeing.drivers import Drivers
from riverhead_airflow.seeing.engines import Engines
from riverhead_airflow.seeing.hooks import Hooks
from riverhead_airflow.seeing.imports import Awaited
from riverhead_airflow.seeing.sighting import NO_ASSETS
from riverhead_airflow.seeing.witness import Witness
from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from riverhead_airflow.seeing.sighting import Assets, Taken
    from riverhead_airflow.seeing.witness import OnConnection
    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.redaction import Redaction


class Sightings:
    """What this process sees of one task after the other."""

    def __init__(self, redaction: Redaction, witness: Witness, collector: Callable[[], Any | None]) -> None:
        self._redaction = redaction
        self._witness = witness
        self._collector = collector
        self._mark = Mark()

    def begin(self) -> None:
        """Begin with a task, and forget the one before."""
        self._witness.begin()
        self._mark = Mark()
        with guard("looking at what hooks told before", self._witness.failures):
            self._mark = told_to(self._collector()).mark()

    def on_connection(self, tell: OnConnection) -> None:
        """Call this with the hook, its connection's id and the connection when a task first opens it."""
        self._witness.on_connection.append(tell)

    def texts(self) -> list[str]:
        """Return the statements of the task so far, as they were said: with whatever secrets are in them."""
        statements = self._witness.statements
        return [] if statements is None else [sql for _, sql in statements.texts()]

    def taken(self) -> Taken:
        """Return everything seen of the task, without secrets, and stop seeing; the next task begins anew."""
        witness, assets, found = self._witness, NO_ASSETS, list[Any]()
        statements = witness.statements
        if statements is None:
            return {"statements": [], "left_out": 0, "assets": NO_ASSETS}
        with guard("taking what hooks told", witness.failures):
            assets = self._told()
        witness.statements = None
        with guard("taking what was seen", witness.failures):
            found = statements.sightings(self._redaction, witness.failures)
        return {"statements": found, "left_out": statements.left_out, "assets": assets}

    def _told(self) -> Assets:
        told = told_to(self._collector())
        with guard("taking what hooks told of statements", self._witness.failures):
            hear_jobs(told, self._mark, self._witness)
        return assets_of(told, self._mark, self._redaction)


_HERE: list[Sightings] = []


def watch(redaction: Redaction, failures: FailureLog, collector: Callable[[], Any | None]) -> Sightings:
    """Return what sees for this process; its doors are put in once, also for the processes that it forks.

    `collector` returns Airflow's collector of hooks' lineage, if there is one here already.
    """
    if not _HERE:
        witness = Witness(failures)
        drivers, awaited = Drivers(witness), Awaited(failures)
        awaited.wait_for(hooks.MODULE, Hooks(witness, drivers).watch)
        awaited.wait_for(engines.MODULE, Engines(witness).watch)
        awaited.wait_for("sqlite3", drivers.watch_sqlite)
        _HERE.append(Sightings(redaction, witness, collector))
    return _HERE[0]
