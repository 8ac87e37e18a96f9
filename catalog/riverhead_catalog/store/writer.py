"""The one writer: events queue up, and whatever waits is committed together before any of them is answered."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from riverhead_catalog.store.applying import apply
from riverhead_catalog.store.opening import WRITES
from riverhead_catalog.store.unprojected import unprojected
from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from riverhead_catalog.projection import Projected

_MOST_TOGETHER = 200
_MOST_WAITING = 2_000

_Waiting = tuple["Projected", "Future[None]"]


class Writer:
    """A thread that owns all writing to a store, from `start` to `stop`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.Queue[_Waiting | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._write, name="riverhead-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        self._waiting.put(None)
        self._thread.join()

    def write(self, said: Projected) -> Future[None]:
        """Return a future that is done once the event is durable; it fails where the store cannot be written."""
        done: Future[None] = Future()
        done.set_running_or_notify_cancel()  # a sender that leaves must not take back what is being written
        if not self._thread.is_alive():
            done.set_exception(Unavailable("The store's writer has ended: start `riverhead serve` again."))
            return done
        try:
            self._waiting.put_nowait((said, done))
        except queue.Full:
            done.set_exception(Unavailable("More events arrive than the store can take: send this one again later."))
        return done

    def _write(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._batch()
            if batch:
                self._commit(batch)

    def _batch(self) -> tuple[list[_Waiting], bool]:
        """Wait for the first event, then take what else is there; False once the writer is to end."""
        entry = self._waiting.get()
        batch: list[_Waiting] = []
        while entry is not None:
            batch.append(entry)
            if len(batch) == _MOST_TOGETHER:
                return batch, True
            try:
                entry = self._waiting.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                for said, _ in batch:
                    apply(connection, said)
        except Exception as failure:  # noqa: BLE001 - whatever one event does must not end the writing of all others
            self._failed(batch, failure)
        else:
            for _, done in batch:
                done.set_result(None)

    def _failed(self, batch: list[_Waiting], failure: Exception) -> None:
        """One event that fails must not take its neighbours with it, and is kept where anything can be."""
        if len(batch) > 1:
            for entry in batch:
                self._commit([entry])
            return
        said, done = batch[0]
        if said.problem or isinstance(failure, OperationalError):  # not the event: a full disk, a locked file
            refusal = Unavailable(f"The store cannot be written now ({getattr(failure, 'orig', None) or failure}).")
            refusal.__cause__ = failure
            done.set_exception(refusal)
        else:
            self._commit([(unprojected(said, failure), done)])
