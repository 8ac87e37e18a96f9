"""What the tree of one statement says, how wide it is, and what it folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riverhead_emitter.drawing.lines import RED, Branch, Piece, drawn
from riverhead_emitter.drawing.tree import View, folded, trees_of
from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    Dataset,
    DatasetEdge,
    Derivation,
    Field,
    Flow,
    Lineage,
    Touched,
    Unresolved,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ORDERS, DAILY = Dataset("db", "orders"), Dataset("db", "daily")


def lines(lineage: Lineage, width: int = 100, *, is_whole: bool = False) -> list[str]:
    trees = trees_of(lineage, View(width, is_whole))
    return [line for tree in trees for line in drawn(tree, width, is_coloured=False)]


def edge(
    output: str, source: str, how: Derivation = Derivation.IDENTITY, text: str = "", *, is_masked: bool = False
) -> ColumnEdge:
    return ColumnEdge(Column(DAILY, output), Column(ORDERS, source), how, text, is_masked)


def daily(*edges: ColumnEdge, rows: Sequence[DatasetEdge] = (), names: Sequence[str] = ()) -> Lineage:
    fields = tuple(Field(name) for name in (names or dict.fromkeys(edge.output.name for edge in edges)))
    return Lineage((Touched(ORDERS),), (Touched(DAILY, fields),), edges, tuple(rows))


def test_a_column_stands_with_its_kind_its_source_and_its_expression() -> None:
    copied = edge("id", "id", text="o.id")
    summed = edge("revenue", "amount", Derivation.AGGREGATION, "SUM(o.amount)")

    assert lines(daily(copied, summed)) == [
        "daily ← orders",
        "├─ id       copied from orders.id",
        "└─ revenue  aggregated from orders.amount  SUM(o.amount)",
    ]


def test_sources_that_are_used_differently_stand_below_the_column() -> None:
    text = "CASE WHEN paid THEN a + b END"
    edges = [
        edge("x", "paid", Derivation.CONDITIONAL, text),
        edge("x", "a", Derivation.TRANSFORMATION, text),
        edge("x", "b", Derivation.TRANSFORMATION, text),
    ]

    assert lines(daily(*edges))[1:] == [
        f"└─ x  {text}",
        "   ├─ computed from orders.a, orders.b",
        "   └─ chosen by orders.paid",
    ]


def test_expressions_that_differ_stand_beside_their_own_sources() -> None:
    edges = [edge("x", "a", Derivation.TRANSFORMATION, "a + 1"), edge("x", "b", Derivation.TRANSFORMATION, "b + 2")]

    assert lines(daily(*edges))[1:] == [
        "└─ x",
        "   ├─ computed from orders.a  a + 1",
        "   └─ computed from orders.b  b + 2",
    ]


def test_a_masked_source_is_marked() -> None:
    hashed = edge("h", "email", Derivation.TRANSFORMATION, "MD5(email)", is_masked=True)

    assert lines(daily(hashed))[1] == "└─ h  computed from orders.email (masked)  MD5(email)"


def test_what_decides_about_rows_stands_together_and_names_no_column_twice() -> None:
    rows = [
        DatasetEdge(DAILY, Column(ORDERS, "day"), Derivation.SORT, "o.day"),
        DatasetEdge(DAILY, Column(ORDERS, "state"), Derivation.FILTER, "state = 'paid'"),
        DatasetEdge(DAILY, Column(ORDERS, "day"), Derivation.GROUP_BY, '"day"'),
        DatasetEdge(DAILY, Column(ORDERS, "land"), Derivation.GROUP_BY, "land"),
        DatasetEdge(DAILY, Column(ORDERS, "id"), Derivation.JOIN, "p.id = o.id"),
    ]

    assert lines(daily(rows=rows))[1:] == [
        "└─ rows decided by",
        "   ├─ joined on orders.id  p.id = o.id",
        "   ├─ filtered by orders.state  state = 'paid'",
        "   ├─ grouped by orders.day, orders.land",
        "   └─ sorted by orders.day",
    ]


def test_a_column_without_a_source_is_not_said_to_have_none_where_something_was_not_resolved() -> None:
    constant = daily(names=["n"])
    doubtful = Lineage(constant.inputs, constant.outputs, unresolved=(Unresolved("column a", "no schema"),))

    assert lines(constant)[1] == "└─ n  from no column"
    assert lines(doubtful)[1:] == ["├─ n  no source column known", "└─ not resolved: column a – no schema"]


def test_a_declared_column_stands_with_its_type() -> None:
    assert lines(Lineage(outputs=(Touched(DAILY, (Field("day", "DATE"),)),))) == ["daily", "└─ day  DATE"]


def test_a_star_of_unknown_columns_is_a_line_of_its_own() -> None:
    star = Flow(DAILY, ORDERS, Derivation.IDENTITY, "*")
    lineage = Lineage((Touched(ORDERS),), (Touched(DAILY),), flows=(star, Flow(DAILY, Dataset("db", "other"))))

    assert lines(lineage)[1:] == ["└─ *  all columns copied from orders"]


def test_each_of_several_outputs_shows_what_went_into_it() -> None:
    other, people = Dataset("db", "other"), Dataset("db", "people")
    copied = ColumnEdge(Column(other, "name"), Column(people, "name"), Derivation.IDENTITY)
    lineage = Lineage((Touched(ORDERS), Touched(people)), (Touched(DAILY), Touched(other)), (edge("a", "a"), copied))

    assert lines(lineage) == [
        "daily ← orders",
        "└─ a  copied from orders.a",
        "other ← people",
        "└─ name  copied from people.name",
    ]


def test_what_has_the_same_reason_is_told_once() -> None:
    lineage = Lineage(unresolved=tuple(Unresolved(f"column {name}", "no schema") for name in "abc"))

    assert lines(lineage) == ["not resolved: column a, column b, column c – no schema"]


def test_a_long_reason_is_never_cut() -> None:
    why = " ".join(["because"] * 20)

    assert why in " ".join(line.strip("└├─ ") for line in lines(Lineage(unresolved=(Unresolved("CALL p", why),)), 60))


def test_long_lists_are_folded_unless_everything_is_asked_for() -> None:
    wide = daily(*(edge(f"c{number:03}", "a") for number in range(500)))

    assert lines(wide)[-2:] == ["├─ c019  copied from orders.a", "└─ … 480 more columns (--all)"]
    assert len(lines(wide, is_whole=True)) == 501


def test_a_long_list_of_sources_says_how_many_more_there_are() -> None:
    joined = daily(*(edge("x", f"source_{number}", Derivation.TRANSFORMATION, "f()") for number in range(40)))

    assert lines(joined)[2].endswith("orders.source_2, … 37 more (--all)")
    assert "orders.source_39" in lines(joined, is_whole=True)[-1]


def test_one_thing_more_is_one_thing() -> None:
    branches = folded([Branch((Piece("x"),))] * 21, "column", View(100))

    assert branches[-1].pieces[0].text == "… 1 more column (--all)"


@pytest.mark.parametrize("width", [40, 72, 100])
@pytest.mark.parametrize("is_whole", [True, False])
def test_no_line_is_wider_than_the_terminal(width: int, *, is_whole: bool) -> None:
    long = "x" * 300
    rows = [DatasetEdge(DAILY, Column(ORDERS, long), Derivation.FILTER, f"{long} = 1")]
    edges = [edge(f"c{number}", f"{long}{number}", Derivation.TRANSFORMATION, long) for number in range(3)]
    lineage = daily(*edges, edge("c1", "b", Derivation.CONDITIONAL, long), rows=rows)
    inputs = tuple(Touched(Dataset("s3://bucket", f"a/rather/long/path/of/{number}")) for number in range(30))
    shown = lines(
        Lineage((*lineage.inputs, *inputs), lineage.outputs, lineage.columns, lineage.datasets),
        width,
        is_whole=is_whole,
    )

    assert max(map(len, shown)) == width


def test_wide_letters_take_two_places_and_marks_none() -> None:
    assert list(drawn(Branch((Piece("日本語日本語"),)), 8, is_coloured=False)) == ["日本語…"]
    assert list(drawn(Branch((Piece("e\u0301" * 8),)), 8, is_coloured=False)) == ["e\u0301" * 8]


def test_colour_is_no_part_of_a_lines_width() -> None:
    shown = list(drawn(Branch((Piece("123456789", RED),)), 5, is_coloured=True))

    assert shown == ["\x1b[31m1234…\x1b[0m"]


@pytest.mark.parametrize("hostile", ["\x1b[31mred", "a\nb", "\u202eflip", "\x9b1m", "zero\u200bwidth", "\ud800"])
def test_nothing_in_a_statement_can_steer_a_terminal(hostile: str) -> None:
    dataset = Dataset("db", hostile)
    column = Column(dataset, hostile)
    shown = lines(
        Lineage(
            (Touched(dataset),),
            (Touched(dataset, (Field("declared", hostile), Field(hostile))),),
            (ColumnEdge(column, column, Derivation.TRANSFORMATION, f"f({hostile})"),),
            (DatasetEdge(dataset, column, Derivation.FILTER, f"{hostile} = 1"),),
            (Unresolved(hostile, hostile),),
            (Flow(dataset, dataset, Derivation.IDENTITY, "*"),),
        )
    )

    assert all(line.isprintable() for line in shown)
    assert len(shown) == 7
