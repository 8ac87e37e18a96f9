"""The comparison of Spark drivers adds up what each way costs, and says plainly what was not reached."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.spark import report
from benchmarks.spark.report import Added, Figures

if TYPE_CHECKING:
    import pytest

OURS = Figures(Added(105, 5), Added(210, 10), Added(60, 10), Added(6, 5), tap=0.5, bus=0.6, events=2, size=5_000)
AGENT = Figures(Added(140, 40), Added(300, 100), Added(90, 40), Added(1, 0), tap=0, bus=9.0, events=4, size=20_000)
COST = {
    "wall_seconds": 0.1,
    "jvm_seconds": 0.2,
    "compilers_seconds": 0.1,
    "python_seconds": 0.0,
    "tap_seconds": 0.002,
    "bus_seconds": 0.001,
    "events": 2,
    "bytes": 9,
}


def test_a_jobs_figures_come_from_all_of_its_rounds() -> None:
    outlier = {**COST, "wall_seconds": 5.0, "jvm_seconds": 0.8}

    found = report.figures([(COST, COST), (COST, COST), (outlier, COST)])

    assert (round(found.wall.whole), round(found.tap), round(found.bus), found.events, found.size) == (100, 2, 1, 2, 9)
    assert (round(found.jvm.whole), round(found.jvm.added)) == (400, 200)


def test_what_a_way_adds_is_seen_round_by_round() -> None:
    busy = [COST, {**COST, "wall_seconds": 0.5, "jvm_seconds": 0.9}, COST]
    pairs = [({**cost, "wall_seconds": cost["wall_seconds"] + 0.01}, cost) for cost in busy]

    found = report.figures(pairs)

    assert (round(found.wall.added), round(found.jvm.added)) == (10, 0)


def test_a_round_that_something_else_disturbed_is_not_counted() -> None:
    calm = [{**COST, "jvm_seconds": 0.2 + n / 100} for n in range(9)]

    found = report.figures([(cost, COST) for cost in [*calm, {**COST, "jvm_seconds": 90.0}]])

    assert round(found.jvm.added, 6) == 45.0


def test_what_a_way_adds_stands_beside_its_figure(capsys: pytest.CaptureFixture[str]) -> None:
    spread = replace(OURS, wall=Added(9, 5, (-3.2, 8)))

    report.job("write", {"ours": spread, "agent": AGENT})

    assert capsys.readouterr().out.splitlines() == [
        "| write | ours | 9.0 (+5.0, -3 … +8) | 210.0 (+10.0) | 60.0 (+10.0) | 6.0 (+5.0) | 0.50 | 0.6 | 2 | 5.0 |",
        "| write | agent | 140.0 (+40.0) | 300.0 (+100.0) | 90.0 (+40.0) | 1.0 (+0.0) | 0.00 | 9.0 | 4 | 20.0 |",
    ]


def test_ours_is_held_against_a_quarter_of_what_the_agent_adds(capsys: pytest.CaptureFixture[str]) -> None:
    report.reached({"small write": {"ours": OURS, "agent": AGENT}})

    assert capsys.readouterr().out.split("\n")[1:-1] == [
        "reached: small write: tap, ms 0.5, to be at most 1",
        "reached: small write: wall added, ms 5, to be at most 10",
        "reached: small write: JVM CPU added, ms 10, to be at most 25",
        "reached: small write: KB 5, to be at most 10",
    ]


def test_what_is_not_reached_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    slow = replace(OURS, wall=Added(120, 20), tap=11.9, size=15_000)

    report.reached({"500 columns": {"ours": slow, "agent": AGENT}})

    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("NOT REACHED")] == [
        "NOT REACHED: 500 columns: tap, ms 11.9, to be at most 10",
        "NOT REACHED: 500 columns: wall added, ms 20, to be at most 10",
        "NOT REACHED: 500 columns: KB 15, to be at most 10",
    ]


def test_a_start_is_compared_with_one_where_nothing_is_attached(capsys: pytest.CaptureFixture[str]) -> None:
    bare = {"wall": 3.0, "jvm": 5.0, "python": 0.2, "first": 1.0, "attach": 0.0}
    ours = {"wall": 3.3, "jvm": 5.4, "python": 0.3, "first": 1.2, "attach": 0.15}

    report.starts({"none": [bare], "ours, cached": [ours], "ours, first": [{**ours, "first": 2.5}]})

    said = capsys.readouterr().out
    assert "| ours, cached | 3300.0 (+300.0) | 5400.0 (+400.0) | 300.0 (+100.0) | 1200.0 (+200.0) | 150 |" in said
    assert "reached: start-up, ours, cached: added, ms 200, to be at most 300" in said
    assert "NOT REACHED: start-up, ours, first: added, ms 1,500, to be at most 800" in said
    assert "reached: start-up, ours, first: in listen(), ms 150, to be at most 800" in said
