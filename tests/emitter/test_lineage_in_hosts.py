"""The SDK where hosts copy, pickle, call and overload what they are given."""

from __future__ import annotations

import asyncio
import copy
import functools
import logging
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter import lineage
from riverhead_emitter.lineage import notes
from riverhead_emitter.plain_values import kept
from told_runs import Box, gaps, told

if TYPE_CHECKING:
    from collections.abc import Callable


def elsewhere_of(pickled: bytes) -> Any:
    return pickle.loads(pickled)  # noqa: S301 - it was pickled here


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda run: copy.deepcopy({"model": 1, "run": run})["run"]]
)
def test_a_copy_of_a_run_is_the_run(box: Box, copied: Callable[[Any], Any]) -> None:
    with lineage.run("job", outbox=box) as run:
        assert copied(run) is run

    assert box.story() == ["job START", "job COMPLETE"]


def test_a_pickled_run_is_a_parent_elsewhere(box: Box) -> None:
    with lineage.run("outer", outbox=box), lineage.run("job", outbox=box) as run:
        elsewhere = elsewhere_of(pickle.dumps(run))
        assert (elsewhere.id, elsewhere.root) == (run.id, run.root)
        with lineage.run("part", parent=elsewhere, outbox=box):
            pass

    assert box.parents()["part"] == ("job", "outer")


def test_what_is_told_of_a_run_in_another_process_is_warned_of_once(
    box: Box, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lineage.run("job", outbox=box) as run:
        pickled = pickle.dumps(run)
    monkeypatch.setattr("os.getpid", lambda: 1)
    elsewhere = elsewhere_of(pickled)
    with caplog.at_level(logging.WARNING):
        elsewhere.reads("s3://shop/orders")
        elsewhere.metric("loss", 0.5)
        elsewhere.end()

    (record,) = caplog.records
    assert "the run was begun in another process" in record.getMessage()
    assert elsewhere.told_too_late == 2
    assert box.story() == ["job START", "job COMPLETE"]


def test_what_was_told_before_a_run_began_is_pickled_with_it(box: Box) -> None:
    run = lineage.run("job")
    run.reads("s3://shop/orders")
    elsewhere = elsewhere_of(pickle.dumps(run))
    elsewhere._outbox = box
    with elsewhere:
        pass

    assert box.events[-1]["inputs"][0]["name"] == "orders"


class Hostile:
    """An outbox that raises whatever it is asked."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_an_outbox_that_fails_at_everything_fails_no_job() -> None:
    outbox: Any = Hostile()
    with lineage.run("job", outbox=outbox) as run:
        run.reads("s3://shop/orders")

    assert [event["eventType"] for event in run.events] == ["START", "COMPLETE"]


class Step:
    """A step of a pipeline, as a callable object."""

    def __init__(self, box: Box) -> None:
        self.box = box

    async def __call__(self) -> list[str]:
        await asyncio.sleep(0)
        return self.box.story()


async def work(box: Box) -> list[str]:
    await asyncio.sleep(0)
    return box.story()


@pytest.mark.parametrize("made", [Step, lambda box: functools.partial(functools.partial(work), box)])
def test_a_run_of_what_is_awaited_lasts_as_long_as_that(box: Box, made: Callable[[Box], Any]) -> None:
    step = lineage.job("job", outbox=box)(made(box))

    assert asyncio.run(step()) == ["job START"]
    assert box.story() == ["job START", "job COMPLETE"]


def test_a_method_of_any_kind_becomes_a_job(box: Box) -> None:
    class Pipeline:
        @lineage.job("of the class", outbox=box)
        @classmethod
        def made(cls) -> str:
            return cls.__name__

        @lineage.job("static", outbox=box)
        @staticmethod
        def added(a: int, b: int) -> int:
            return a + b

    assert (Pipeline.made(), Pipeline.added(1, 2), Pipeline().added(1, 2)) == ("Pipeline", 3, 3)
    assert box.story()[::2] == ["of the class START", "static START", "static START"]


def test_of_more_datasets_than_are_kept_the_number_is_told(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "_MOST_DATASETS", 2)

    event = told(box, lambda run: run.reads(*(f"s3://shop/{name}" for name in "abcda")))

    assert [dataset["name"] for dataset in event["inputs"]] == ["a", "b"]
    assert gaps(event) == ["inputs: only the first 2 are kept; 2 times another was told"]


def test_of_more_column_lineage_than_is_kept_the_number_is_told(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "_MOST_COLUMNS", 2)

    def tell(run: lineage.TracedRun) -> None:
        run.reads("s3://shop/orders")
        run.writes("s3://shop/report", columns={name: [name] for name in "abc"})

    event = told(box, tell)

    assert list(event["outputs"][0]["facets"]["columnLineage"]["fields"]) == ["a", "b"]
    assert gaps(event) == ["columns: only the first 2 are kept; 1 times another was told"]


def test_an_input_is_found_by_every_end_of_its_name(box: Box) -> None:
    def tell(run: lineage.TracedRun) -> None:
        run.reads("postgres://db/shop/sales.orders", "s3://shop/raw/orders.parquet", as_="raw")
        run.reads("postgres://db/shop/sales.items")
        run.writes(
            "s3://shop/report", columns={"a": ["sales.orders.id"], "b": ["items.id"], "c": ["shop.sales.items.id"]}
        )

    fields = told(box, tell)["outputs"][0]["facets"]["columnLineage"]["fields"]

    assert {name: column["inputFields"][0]["name"] for name, column in fields.items()} == {
        "a": "shop.sales.orders",
        "b": "shop.sales.items",
        "c": "shop.sales.items",
    }


def test_an_exit_that_does_not_say_its_code_ends_the_run(box: Box) -> None:
    class Silent(SystemExit):
        @property
        def code(self) -> Any:  # type: ignore[override]  # as a host may have it
            raise ValueError("no code")

    with pytest.raises(Silent), lineage.run("job", outbox=box):
        raise Silent(3)

    assert box.story() == ["job START", "job FAIL"]


def test_a_message_as_long_as_a_file_is_cut_before_it_is_formatted(box: Box) -> None:
    with pytest.raises(ValueError, match="x"), lineage.run("job", outbox=box):
        raise ValueError("x" * 1_000_000)

    facet = box.events[-1]["run"]["facets"]["errorMessage"]
    assert len(facet["message"]) < 10_000
    assert len(facet["stackTrace"]) < 10_000
    assert f'File "{__file__}"' in facet["stackTrace"]


def test_a_set_is_put_in_order_only_as_far_as_it_is_kept() -> None:
    class Member:
        asked = 0

        def __str__(self) -> str:
            Member.asked += 1
            return "member"

    members = {Member() for _ in range(30_000)}
    copied, cuts = kept(members, 50_000)

    assert Member.asked < 2 * len(copied) + 10
    assert len(copied) < len(members)
    assert cuts[0].why == "more values than are kept; it has 30000"
