"""What the listener could not take: named in events, and kept for `riverhead doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter.guard import FailureLog
from riverhead_spark.losses import Losses
from riverhead_spark.understand import interpret
from spark_plans import recorded

if TYPE_CHECKING:
    from pathlib import Path

DROPPED = {"dropped": 3}
BROKEN = {"failed": 2, "failure": "java.lang.NullPointerException at riverhead.tap.PlanTap.ended(PlanTap.java)"}


@pytest.mark.parametrize(
    ("lost", "sentence"),
    [
        (DROPPED, "3 records of this application were lost: the queue was full"),
        (
            BROKEN,
            "2 of Spark's messages could not be written down, the first because of java.lang.NullPointerException",
        ),
    ],
)
def test_a_loss_is_named_in_the_next_event(lost: dict[str, Any], sentence: str) -> None:
    observation = recorded("4.3", "sort")[-1]
    observation.payload["executions"][0].update(lost)

    event = interpret(observation)[-1]

    (gap,) = event["run"]["facets"]["riverhead_coverage"]["unresolved"]
    assert gap["why"].startswith(sentence)


def test_doctor_finds_each_loss_once(tmp_path: Path) -> None:
    losses = Losses(FailureLog(tmp_path / "failures.log"))

    for record in ({}, DROPPED, DROPPED, {}, DROPPED, {**DROPPED, **BROKEN}):
        losses.see(record)

    lines = (tmp_path / "failures.log").read_text(encoding="utf-8").splitlines()
    assert [line.partition("taking what Spark tells: Unavailable: ")[2][:9] for line in lines] == [
        "3 records",
        "2 of Spar",
    ]


def test_a_growing_loss_is_kept_as_it_grows(tmp_path: Path) -> None:
    losses = Losses(FailureLog(tmp_path / "failures.log"))

    for count in (1, 1, 5):
        losses.see({"dropped": count})

    assert len((tmp_path / "failures.log").read_text(encoding="utf-8").splitlines()) == 2
