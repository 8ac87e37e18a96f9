from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from riverhead_emitter.model import Dataset
from riverhead_sql.schema_sources import RememberedSchema, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ORDERS, CUSTOMERS = (
    Table(Dataset("postgres://shop", name), "shop", "public", name) for name in ("orders", "customers")
)
DAY_SECONDS = 86_400.0


class ChangingSchema:
    """A source whose answers a test may change; it remembers what it was asked."""

    def __init__(self, *known: tuple[Table, tuple[str, ...]]) -> None:
        self.known = {table.dataset: columns for table, columns in known}
        self.asked: list[list[str]] = []

    def columns_of(self, tables: Sequence[Table]) -> dict[Dataset, tuple[str, ...]]:
        self.asked.append([table.name for table in tables])
        return {table.dataset: self.known[table.dataset] for table in tables if table.dataset in self.known}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "columns.db"


def test_what_was_known_behind_is_known_without_it(path: Path) -> None:
    first = RememberedSchema(path, ChangingSchema((ORDERS, ("id", "größe"))))

    assert first.columns_of([ORDERS, CUSTOMERS]) == {ORDERS.dataset: ("id", "größe")}
    assert RememberedSchema(path).columns_of([ORDERS, CUSTOMERS]) == {ORDERS.dataset: ("id", "größe")}


def test_what_is_fresh_is_not_asked_for_again(path: Path) -> None:
    behind = ChangingSchema((ORDERS, ("id",)))
    source = RememberedSchema(path, behind)

    answers = [source.columns_of([ORDERS]) for _ in range(3)]

    assert answers == [{ORDERS.dataset: ("id",)}] * 3
    assert behind.asked == [["orders"]]


@pytest.mark.parametrize("later", [DAY_SECONDS, -1.0])
def test_what_was_seen_long_ago_or_in_the_future_is_asked_for_again(path: Path, later: float) -> None:
    RememberedSchema(path, clock=lambda: 1000.0).learn(ORDERS.dataset, ["old"])
    behind = ChangingSchema((ORDERS, ("new",)))

    found = RememberedSchema(path, behind, clock=lambda: 1000.0 + later).columns_of([ORDERS])

    assert found == RememberedSchema(path).columns_of([ORDERS]) == {ORDERS.dataset: ("new",)}


def test_an_old_answer_is_better_than_none(path: Path) -> None:
    RememberedSchema(path, clock=lambda: 0.0).learn(ORDERS.dataset, ["old"])

    assert RememberedSchema(path, ChangingSchema()).columns_of([ORDERS]) == {ORDERS.dataset: ("old",)}


def test_what_a_statement_made_is_learnt_in_the_place_of_what_was_there(path: Path) -> None:
    source = RememberedSchema(path, ChangingSchema((ORDERS, ("id",))))
    source.columns_of([ORDERS])

    source.learn(ORDERS.dataset, ["id", "total"])

    assert source.columns_of([ORDERS]) == {ORDERS.dataset: ("id", "total")}


def test_only_its_owner_reads_the_file(path: Path) -> None:
    RememberedSchema(path).learn(ORDERS.dataset, ["id"])

    assert oct(path.stat().st_mode)[-3:] == "600"
    assert oct(path.parent.stat().st_mode)[-3:] == "700"


def test_past_its_bound_the_oldest_half_is_forgotten(path: Path) -> None:
    seconds = iter(range(1000))
    source = RememberedSchema(path, most_bytes=200_000, clock=lambda: float(next(seconds)))
    tables = [Table(Dataset("n", str(number)), None, "s", str(number)) for number in range(200)]
    for table in tables:
        source.learn(table.dataset, ["column" * 10 + str(number) for number in range(30)])

    known = [table.dataset in source.columns_of([table]) for table in tables]

    assert path.stat().st_size < 210_000
    assert known == sorted(known)
    assert 30 < sum(known) < 100


def test_one_huge_entry_pushes_nothing_else_out(path: Path) -> None:
    source = RememberedSchema(path, most_bytes=200_000)
    source.learn(CUSTOMERS.dataset, ["name"])

    source.learn(ORDERS.dataset, ["x" * 100_000, "y"])

    assert source.columns_of([ORDERS, CUSTOMERS]) == {CUSTOMERS.dataset: ("name",)}


def a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def a_text(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("columns: id, total\n" * 100, encoding="utf-8")


def half_a_file(path: Path) -> None:
    RememberedSchema(path).learn(ORDERS.dataset, ["old"])
    path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 5000)


def a_file_of_somebody_elses(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE seen_columns (other TEXT)")


def a_place_below_a_file(path: Path) -> None:
    path.parent.write_text("", encoding="utf-8")


@pytest.mark.parametrize("spoil", [a_folder, a_text, half_a_file, a_file_of_somebody_elses, a_place_below_a_file])
def test_a_file_that_cannot_be_used_costs_only_the_memory_and_is_said_once(
    path: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    spoil(path)
    behind = ChangingSchema((ORDERS, ("id",)))
    source = RememberedSchema(path, behind)

    answers = [source.columns_of([ORDERS]) for _ in range(2)]
    source.learn(CUSTOMERS.dataset, ["name"])

    assert answers == [{ORDERS.dataset: ("id",)}] * 2
    assert behind.asked == [["orders"]] * 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.parametrize("text", ["", "[1]", '"id"', "[" * 100_000])
def test_an_entry_that_is_no_list_of_columns_is_asked_for_again(path: Path, text: str) -> None:
    source = RememberedSchema(path, ChangingSchema((ORDERS, ("id",))))
    source.learn(ORDERS.dataset, ["old"])
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE seen_columns SET columns = ?", (text,))

    assert source.columns_of([ORDERS]) == RememberedSchema(path).columns_of([ORDERS]) == {ORDERS.dataset: ("id",)}


@pytest.mark.fault
def test_a_file_that_another_process_keeps_locked_is_not_waited_for_long(path: Path) -> None:
    source = RememberedSchema(path, ChangingSchema((ORDERS, ("id",))))
    source.learn(CUSTOMERS.dataset, ["name"])
    with closing(sqlite3.connect(path)) as holder:
        holder.execute("BEGIN EXCLUSIVE")

        assert source.columns_of([ORDERS]) == {ORDERS.dataset: ("id",)}

    assert source.columns_of([CUSTOMERS]) == {CUSTOMERS.dataset: ("name",)}


LEARNING = """
import json, sys
from riverhead_emitter.model import Dataset
from riverhead_sql.schema_sources import RememberedSchema, Table

# A disk may stall for seconds; how long a write is worth waiting for is not what is asked here.
source = RememberedSchema(sys.argv[1], wait_seconds=30)
for number in range(30):
    source.learn(Dataset("n", f"{sys.argv[2]}.{number}"), ["id", sys.argv[2]])
"""


@pytest.mark.fault
def test_two_processes_write_one_file_and_lose_nothing(path: Path) -> None:
    words = [sys.executable, "-c", LEARNING, str(path)]
    writers = [subprocess.Popen([*words, name]) for name in ("a", "b")]
    codes = [writer.wait(60) for writer in writers]
    tables = [Table(Dataset("n", f"{name}.{number}"), None, None, "t") for name in "ab" for number in range(30)]

    assert codes == [0, 0]
    assert len(RememberedSchema(path).columns_of(tables)) == 60


FULL_DISK = """
import json, resource, sys
from riverhead_emitter.model import Dataset
from riverhead_sql.schema_sources import GivenSchema, RememberedSchema, Table

class Behind:
    def columns_of(self, tables):
        return {table.dataset: ("id",) for table in tables}

RememberedSchema(sys.argv[1]).learn(Dataset("n", "before"), ["old"])
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
tables = [Table(Dataset("n", name), None, None, name) for name in ("before", "orders")]
found = RememberedSchema(sys.argv[1], Behind()).columns_of(tables)
print(json.dumps({dataset.name: columns for dataset, columns in found.items()}))
"""


@pytest.mark.fault
def test_a_full_disk_costs_only_what_would_have_been_written(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"before": ["old"], "orders": ["id"]}
    assert list(RememberedSchema(path).columns_of([Table(Dataset("n", "before"), None, None, "b")]).values()) == [
        ("old",)
    ]
