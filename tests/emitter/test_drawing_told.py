"""What an event of ours tells is what it was made of."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from riverhead_emitter.drawing.told import told_by
from riverhead_emitter.event import run_event
from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    Dataset,
    DatasetEdge,
    Derivation,
    Field,
    Job,
    Lineage,
    Run,
    RunState,
    Touched,
    Unresolved,
)

ORDERS, DAILY = Dataset("file", "/lake/orders"), Dataset("file", "/lake/daily")
RUN = Run("01890a5d-ac96-774b-bcce-b302099a8058", Job("shop", "daily"))


def told(lineage: Lineage) -> Lineage:
    return told_by(run_event(RunState.COMPLETE, datetime(2026, 1, 1, tzinfo=timezone.utc), RUN, lineage))


def edge(output: str, source: str, how: Derivation, text: str = "", *, is_masked: bool = False) -> ColumnEdge:
    return ColumnEdge(Column(DAILY, output), Column(ORDERS, source), how, text, is_masked)


@pytest.mark.parametrize("columns", [2, 60], ids=["few columns", "many columns"])
def test_columns_and_what_decides_about_rows_are_told_apart_again(columns: int) -> None:
    names = [f"c{number}" for number in range(columns)]
    lineage = Lineage(
        (Touched(ORDERS, (Field("a", "int"),)),),
        (Touched(DAILY, tuple(Field(name, "string") for name in names)),),
        (
            edge("c0", "a", Derivation.IDENTITY),
            edge("c0", "b", Derivation.CONDITIONAL, "IF(b, a, 0)"),
            edge("c1", "a", Derivation.TRANSFORMATION, "sha1(a)", is_masked=True),
        ),
        (DatasetEdge(DAILY, Column(ORDERS, "paid"), Derivation.FILTER, "paid = 1"),),
        (Unresolved("Mystery", "it is not known"),),
    )

    assert told(lineage) == lineage


def test_a_condition_of_every_column_is_no_condition_of_rows() -> None:
    lineage = Lineage(
        (Touched(ORDERS),), (Touched(DAILY, (Field("c"),)),), (edge("c", "a", Derivation.CONDITIONAL, "IF(a, 1, 0)"),)
    )

    assert told(lineage) == lineage


def test_a_filter_of_one_column_alone_stays_with_it() -> None:
    fields = (Field("c"), Field("d"))
    lineage = Lineage((Touched(ORDERS),), (Touched(DAILY, fields),), (edge("c", "a", Derivation.FILTER, "a > 1"),))

    assert told(lineage) == lineage


def test_nothing_known_of_columns_tells_none() -> None:
    lineage = Lineage((Touched(ORDERS),), (Touched(DAILY),))

    assert told(lineage) == lineage
