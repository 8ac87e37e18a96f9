"""The comparison of Spark drivers adds up what each way costs, and says plainly what was not reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.spark import report
from benchmarks.spark.report import Figures

if TYPE_CHECKING:
    import pytest

NONE = Figures(wall=100, jvm=200, python=1, bus=0.1, events=0, size=0)
OURS = Figures(wall=105, jvm=210, python=6, bus=0.6, events=2, size=5_000)
AGENT = Figures(wall=140, jvm=300, python=1, bus=9.0, events=4, size=20_000)


def test_a_jobs_figures_come_from_all_of_its_rounds() -> None:
    cost = {
        "wall_seconds": 0.1,
        "jvm_seconds": 0.2,
        "python_seconds": 0.0,
        "bus_seconds": 0.001,
        "events": 2,
        "bytes": 9,
    }
    outlier = {**cost, "wall_seconds": 5.0, "jvm_seconds": 0.5}

    found = report.figures([cost, cost, outlier])

    assert (round(found.wall), round(found.jvm), round(found.bus), found.events, found.size) == (100, 300, 1, 2, 9)


def test_what_a_way_adds_stands_beside_its_figure(capsys: pytest.CaptureFixture[str]) -> None:
    report.job("small write", {"none": NONE, "ours": OURS, "agent": AGENT})

    assert capsys.readouterr().out.splitlines() == [
        "| small write | none | 100.0 | 200.0 | 1.0 | 0.1 | 0 | 0.0 |",
        "| small write | ours | 105.0 (+5.0) | 210.0 (+10.0) | 6.0 (+5.0) | 0.6 (+0.5) | 2 | 5.0 |",
        "| small write | agent | 140.0 (+40.0) | 300.0 (+100.0) | 1.0 (+0.0) | 9.0 (+8.9) | 4 | 20.0 |",
    ]


def test_ours_is_held_against_a_quarter_of_what_the_agent_adds(capsys: pytest.CaptureFixture[str]) -> None:
    report.reached({"small write": {"none": NONE, "ours": OURS, "agent": AGENT}})

    assert capsys.readouterr().out.split("\n")[1:-1] == [
        "reached: small write: bus, ms 0.5, to be at most 1",
        "reached: small write: wall added, ms 5, to be at most 10",
        "reached: small write: JVM CPU added, ms 10, to be at most 25",
        "reached: small write: KB 5, to be at most 10",
    ]


def test_what_is_not_reached_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    slow = Figures(wall=120, jvm=210, python=6, bus=12.0, events=2, size=15_000)

    report.reached({"500 columns": {"none": NONE, "ours": slow, "agent": AGENT}})

    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if line.startswith("NOT REACHED")] == [
        "NOT REACHED: 500 columns: bus, ms 11.9, to be at most 10",
        "NOT REACHED: 500 columns: wall added, ms 20, to be at most 10",
        "NOT REACHED: 500 columns: KB 15, to be at most 10",
    ]


def test_a_start_is_compared_with_one_where_nothing_is_attached(capsys: pytest.CaptureFixture[str]) -> None:
    bare = {"wall": 3.0, "jvm": 5.0, "python": 0.2, "attach": 0.0}
    ours = {"wall": 3.2, "jvm": 5.4, "python": 0.3, "attach": 0.15}

    report.starts({"none": [bare], "ours, cached": [ours], "ours, first": [{**ours, "wall": 4.5}]})

    said = capsys.readouterr().out
    assert "| ours, cached | 3200.0 (+200.0) | 5400.0 (+400.0) | 300.0 (+100.0) | 150 |" in said
    assert "reached: start-up, ours, cached: added, ms 200, to be at most 300" in said
    assert "NOT REACHED: start-up, ours, first: added, ms 1,500, to be at most 800" in said
