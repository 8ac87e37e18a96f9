"""The life of a listening, with a tap that needs no JVM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from riverhead_emitter.guard import FailureLog
from riverhead_spark.executions import Actions
from riverhead_spark.listening import Listening, listen

if TYPE_CHECKING:
    from riverhead_spark.tap.poll import Tap

APPLICATION = {"id": "local-1", "name": "app", "spark_version": "4.3.0", "namespace": "ns"}


class FakeTap:
    """A tap that hands out these batches, then the end."""

    def __init__(self, *batches: list[dict[str, Any]]) -> None:
        self._batches = list(batches)
        self.has_left = False

    def poll(self) -> list[dict[str, Any]] | None:
        """Return the next batch."""
        return self._batches.pop(0) if self._batches else None

    def leave(self, seconds: float) -> None:
        """Remember that it was asked to leave."""
        self.has_left = seconds > 0


def test_records_reach_the_outbox_as_observations(outbox: Any) -> None:
    record = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}

    _closed(FakeTap([record]), outbox, FailureLog(is_strict=True))

    assert [observation.kind for observation in outbox.observations] == ["spark.execution"]


def test_a_broken_record_does_not_end_the_listening(outbox: Any) -> None:
    good = {"what": "start", "id": 1, "root": 1, "started": 1_700_000_000_000, "plan": {}}
    failures = FailureLog()

    _closed(FakeTap([{"what": "start"}], [good]), outbox, failures)

    assert len(outbox.observations) == 1
    assert failures.counts == {"observing an execution": 1}


def test_what_is_no_session_is_not_listened_to_and_nothing_is_raised() -> None:
    assert not listen(object()).is_listening


def _closed(tap: FakeTap, outbox: Any, failures: FailureLog) -> None:
    listening = Listening(cast("Tap", tap), outbox, Actions(APPLICATION), failures)
    listening.close()
