"""The tree that `riverhead upstream` prints."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import pytest
import sqlalchemy

from riverhead_catalog.links import DatasetLink, Link, Trace, trace_as_json, trace_from_json
from riverhead_catalog.questions.finding import AmbiguousColumn, UnknownColumn
from riverhead_catalog.questions.short_names import short_names
from riverhead_catalog.questions.upstream import upstream_tree
from riverhead_catalog.questions.words import plain
from riverhead_catalog.tracing import exact_column, find_column, trace
from riverhead_catalog.verbs import upstream
from riverhead_emitter.model import Column, Dataset, Derivation, Job

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.catalog.conftest import Build, Post


def _column(name: str) -> Column:
    dataset, _, field = name.rpartition(".")
    return Column(Dataset("db", dataset), field)


def _tree(trace: Trace) -> list[str]:
    """Return the tree without the legend below it."""
    lines = upstream_tree(trace)
    return lines[: lines.index("")]


def _link(output: str, source: str, how: Derivation = Derivation.IDENTITY, *, masked: bool = False) -> Link:
    return Link(
        _column(output),
        _column(source),
        how,
        "",
        masked,
        False,
        Job("jobs", f"make_{output.split('.', maxsplit=1)[0]}"),
    )


def test_direct_sources_come_first_and_every_kind_is_in_words() -> None:
    links = (
        _link("report.total", "clean.day", Derivation.FILTER),
        _link("report.total", "clean.amount", Derivation.AGGREGATION),
        _link("report.total", "clean.amount", Derivation.FILTER),
        _link("clean.amount", "raw.amount", Derivation.TRANSFORMATION, masked=True),
    )

    assert upstream_tree(Trace(_column("report.total"), links)) == [
        "report.total ← make_report",
        "├─ aggregated from, filtered by clean.amount ← make_clean",
        "│  └─ computed from (masked) raw.amount",
        "└─ filtered by clean.day",
        "",
        "clean   clean (db)",
        "raw     raw (db)",
        "report  report (db)",
    ]


def test_a_diamond_is_told_once_and_then_referred_to() -> None:
    links = (_link("d.x", "b.x"), _link("d.x", "c.x"), _link("b.x", "a.x"), _link("c.x", "a.x"), _link("a.x", "s.x"))

    assert _tree(Trace(_column("d.x"), links)) == [
        "d.x ← make_d",
        "├─ copied from b.x ← make_b",
        "│  └─ copied from a.x ← make_a",
        "│     └─ copied from s.x",
        "└─ copied from c.x ← make_c",
        "   └─ copied from a.x … told above",
    ]


def test_a_column_that_several_jobs_write_names_the_job_of_each_step() -> None:
    links = (
        Link(_column("a.x"), _column("b.x"), Derivation.IDENTITY, "", False, False, Job("jobs", "one")),
        Link(_column("a.x"), _column("c.x"), Derivation.IDENTITY, "", False, False, Job("others", "two")),
    )

    assert _tree(Trace(_column("a.x"), links)) == [
        "a.x",
        "├─ copied from b.x by one (jobs)",
        "└─ copied from c.x by two (others)",
    ]


def test_names_are_as_short_as_they_are_unambiguous() -> None:
    datasets = [
        Dataset("file", "/in/orders.csv"),
        Dataset("file", "/out/orders.csv"),
        Dataset("db", "shop.main.orders"),
        Dataset("db", "mart.main.orders"),
        Dataset("other", "mart.main.orders"),
        Dataset("db", "raw"),
    ]

    names = short_names(datasets)

    assert [names[dataset] for dataset in datasets] == [
        "in/orders.csv",
        "out/orders.csv",
        "shop.main.orders",
        "mart.main.orders (db)",
        "mart.main.orders (other)",
        "raw",
    ]


def test_a_cycle_ends() -> None:
    links = (_link("a.x", "b.x"), _link("b.x", "a.x"))

    assert _tree(Trace(_column("a.x"), links)) == [
        "a.x ← make_a",
        "└─ copied from b.x ← make_b",
        "   └─ copied from a.x … told above",
    ]


def test_a_chain_of_two_thousand_steps_is_told() -> None:
    links = tuple(_link(f"t{step}.x", f"t{step + 1}.x") for step in range(2000))

    assert len(_tree(Trace(_column("t0.x"), links))) == 2001


def test_a_column_without_sources_says_so() -> None:
    assert _tree(Trace(_column("a.x"))) == ["a.x", "└─ nothing upstream of it is known"]


def test_a_dataset_made_in_unknown_ways_names_what_it_was_made_from() -> None:
    made = DatasetLink(Dataset("db", "a"), Dataset("db", "raw"), Job("jobs", "load"))

    assert _tree(Trace(_column("a.x"), (), (made,))) == ["a.x ← load", "└─ made, in ways not recorded, from raw"]


@pytest.mark.parametrize("name", ["\x1b[31mred", "a\nb", "\u202eflip", "\x9b1m", "zero\u200bwidth", "\ud800"])
def test_no_name_can_steer_a_terminal(name: str) -> None:
    shown = plain(name)

    assert all(character.isprintable() for character in shown)
    assert "\\" in shown


def test_names_in_other_scripts_stay_readable() -> None:
    assert plain("größe_日本_عدد") == "größe_日本_عدد"


def test_a_trace_survives_its_json() -> None:
    made = DatasetLink(Dataset("db", "a"), Dataset("db", "raw"), Job("jobs", "load"))
    whole = Trace(_column("a.x"), (_link("a.x", "b.x", Derivation.SORT),), (made,))

    assert trace_from_json(json.loads(json.dumps(trace_as_json(whole)))) == whole


def test_a_short_name_finds_its_column(engine: Engine, build: Build, post: Post) -> None:
    post(build.copying("load", "shop.main.orders.amount", "/data/daily.parquet.revenue"))

    with engine.begin() as connection:
        assert find_column(connection, "daily.parquet.revenue", None) == _column("/data/daily.parquet.revenue")
        assert find_column(connection, "orders.amount", None) == _column("shop.main.orders.amount")
        assert find_column(connection, "db:shop.main.orders.amount", None) == _column("shop.main.orders.amount")
        assert exact_column(connection, "db", "shop.main.orders", "amount") == _column("shop.main.orders.amount")


def test_an_ambiguous_name_lists_what_it_could_mean(engine: Engine, build: Build, post: Post) -> None:
    post(build.copying("load", "shop.orders.amount", "mart.orders.amount"))

    with engine.begin() as connection, pytest.raises(AmbiguousColumn) as refused:
        find_column(connection, "orders.amount", None)

    assert str(refused.value) == (
        "orders.amount names 2 columns: mart.orders.amount (db), shop.orders.amount (db); "
        "write more of the name, or add --namespace."
    )


def test_an_unknown_name_is_answered_with_near_ones(engine: Engine, build: Build, post: Post) -> None:
    post(build.copying("load", "shop.main.orders.amount", "mart.daily.revenue"))

    with (
        engine.begin() as connection,
        pytest.raises(UnknownColumn, match=r"nearest: shop\.main\.orders\.amount \(db\)"),
    ):
        find_column(connection, "orders.amuont", None)


def test_the_walk_reaches_the_first_source_over_several_jobs(engine: Engine, build: Build, post: Post) -> None:
    post(
        build.copying("two", "clean.x", "mart.x", how="AGGREGATION", run="r2"),
        build.copying("one", "raw.x", "clean.x", run="r1"),
    )

    with engine.begin() as connection:
        up = trace(connection, _column("mart.x"), is_upstream=True)
        down = trace(connection, _column("raw.x"), is_upstream=False)

    assert [(str(link.output.dataset.name), link.source.dataset.name) for link in up.links] == [
        ("mart", "clean"),
        ("clean", "raw"),
    ]
    assert set(up.links) == set(down.links)


def test_what_decides_about_whole_rows_reaches_every_column(engine: Engine, build: Build, post: Post) -> None:
    output = build.dataset("mart", "x", "y", edges={"x": [("raw.x", "IDENTITY")]})
    output["facets"]["columnLineage"]["dataset"] = [build.source("raw.day", "FILTER")]
    post(build.event("load", inputs=[build.dataset("raw", "x", "day")], outputs=[output]))

    with engine.begin() as connection:
        found = trace(connection, _column("mart.y"), is_upstream=True)

    assert [(link.source, link.how, link.decides_rows) for link in found.links] == [
        (_column("raw.day"), Derivation.FILTER, True)
    ]


def test_a_dataset_without_column_edges_answers_with_its_inputs(engine: Engine, build: Build, post: Post) -> None:
    post(build.event("load", inputs=[build.dataset("raw", "x")], outputs=[build.dataset("mart", "y")]))

    with engine.begin() as connection:
        found = trace(connection, _column("mart.y"), is_upstream=True)

    assert found.datasets == (DatasetLink(Dataset("db", "mart"), Dataset("db", "raw"), Job("jobs", "load")),)


def test_the_verb_reads_a_store_without_a_server(
    tmp_path: Path, build: Build, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post(build.copying("load", "raw.x", "clean.y"))
    parser = argparse.ArgumentParser()
    upstream.arguments(parser)

    code = upstream.run(parser.parse_args(["clean.y", "--store", str(tmp_path / "catalog.db")]))

    assert code == 0
    assert capsys.readouterr().out == "clean.y ← load\n└─ copied from raw.x\n\nclean  clean (db)\nraw    raw (db)\n"


@pytest.mark.parametrize("name", ["a." * 1_900 + "a", "a:" * 1_900 + ".a"])
def test_a_name_of_very_many_parts_costs_few_questions(engine: Engine, name: str) -> None:
    asked: list[str] = []
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))

    with engine.begin() as connection, pytest.raises(UnknownColumn):
        find_column(connection, name, None)

    assert len(asked) < 200


def test_a_name_longer_than_any_is_refused_at_once(engine: Engine) -> None:
    with engine.begin() as connection, pytest.raises(UnknownColumn, match="4,001 characters"):
        find_column(connection, "a" * 4_001, None)
