"""The SDK where hosts copy, pickle, call and overload what they are given."""

from __future__ import annotations

import asyncio
import copy
import functools
import itertools
import json
import pickle
import sys
import types
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

import house
from riverhead_emitter import lineage
from riverhead_emitter.lineage import notes
from riverhead_emitter.plain_values import kept
from told_runs import Box, gaps, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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


def test_what_a_pickled_run_is_told_is_warned_of_once(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    with lineage.run("job", outbox=box) as run:
        elsewhere = elsewhere_of(pickle.dumps(run))
        elsewhere.reads("s3://shop/orders")
        elsewhere.metric("loss", 0.5)
        elsewhere.end()

    (record,) = caplog.records
    assert "the run was begun elsewhere" in record.getMessage()
    assert elsewhere.told_too_late == 2
    assert elsewhere.events == []
    assert box.story() == ["job START", "job COMPLETE"]


def test_what_was_told_before_a_run_began_is_pickled_with_it(box: Box) -> None:
    run = lineage.run("job")
    run.reads("s3://shop/orders")
    elsewhere = elsewhere_of(pickle.dumps(run))
    elsewhere._outbox = box
    with elsewhere:
        pass

    assert box.events[-1]["inputs"][0]["name"] == "orders"


def test_every_copy_of_a_run_that_is_begun_elsewhere_is_a_run_of_its_own() -> None:
    run = lineage.run("job")
    pickled = pickle.dumps(run)

    assert len({run.id, elsewhere_of(pickled).id, elsewhere_of(pickled).id}) == 3


class Unpicklable:
    """A host's own run, which cannot be pickled."""

    def __init__(self, run: lineage.TracedRun) -> None:
        self.run = run.run

    def __reduce__(self) -> str:
        raise TypeError("not to be pickled")


def test_a_parent_that_cannot_be_pickled_is_still_the_parent(box: Box) -> None:
    parent = lineage.run("parent", outbox=box)
    elsewhere = elsewhere_of(pickle.dumps(lineage.run("job", parent=Unpicklable(parent))))
    elsewhere._outbox = box
    with elsewhere:
        pass

    assert box.parents() == {"job": ("parent", "parent")}


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


class LaterStep(Step):
    """One that is called as its base is."""


async def work(box: Box) -> list[str]:
    await asyncio.sleep(0)
    return box.story()


def wrapped(box: Box) -> Callable[[], Any]:
    @functools.wraps(work)
    def plain() -> Any:
        return work(box)

    return plain


@pytest.mark.parametrize(
    "made", [wrapped, Step, LaterStep, lambda box: functools.partial(functools.partial(work), box)]
)
def test_a_run_of_what_is_awaited_lasts_as_long_as_that(box: Box, made: Callable[[Box], Any]) -> None:
    step = lineage.job("job", outbox=box)(made(box))

    assert asyncio.run(step()) == ["job START"]
    assert box.story() == ["job START", "job COMPLETE"]


def test_a_partial_function_is_named_as_the_function_is(box: Box) -> None:
    asyncio.run(lineage.job(outbox=box)(functools.partial(work, box))())

    assert box.story() == ["work START", "work COMPLETE"]


def test_a_method_of_a_class_becomes_a_job_without_brackets() -> None:
    class Pipeline:
        @lineage.job
        @classmethod
        def made(cls) -> str:
            return cls.__name__

    assert isinstance(vars(Pipeline)["made"], classmethod)


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


MORE: dict[str, Callable[[lineage.TracedRun, str], object]] = {
    "inputs": lambda run, name: run.reads(f"s3://shop/{name}"),
    "outputs": lambda run, name: run.writes(f"s3://shop/{name}"),
    "pairs of `from_`": lambda run, name: run.writes("s3://shop/report", from_=f"s3://shop/{name}"),
    "sources of columns": lambda run, name: run.writes("s3://shop/report", columns={name: [name]}),
    "columns of a dataset": lambda run, name: run.reads("s3://shop/orders", columns=[name]),
    "parameters": lambda run, name: run.parameter(name, 1),
    "tags": lambda run, name: run.tag(name),
    "models": lambda run, name: run.trains(name, version=1),
}


@pytest.mark.parametrize("what", MORE)
def test_of_more_than_a_run_keeps_the_number_is_told(box: Box, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MOST", 2)
    event = told(box, lambda run: [MORE[what](run, name) for name in "abcda"])

    assert f"{what}: only the first 2 are kept; 2 times another was told" in gaps(event)


def test_column_lineage_that_is_told_again_and_again_takes_no_room(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MOST", 2)

    def tell(run: lineage.TracedRun) -> None:
        run.reads("s3://shop/orders")
        for _ in range(3):
            run.writes("s3://shop/report", columns={"a": ["a"], "b": ["b"]})

    event = told(box, tell)

    assert list(event["outputs"][0]["facets"]["columnLineage"]["fields"]) == ["a", "b"]
    assert gaps(event) == []


def without_end() -> Iterator[str]:
    return (f"c{number}" for number in itertools.count())


class Endless(Mapping[str, object]):
    """A mapping that never ends."""

    def __getitem__(self, name: str) -> object:
        return name

    def __iter__(self) -> Iterator[str]:
        return without_end()

    def __len__(self) -> int:
        return sys.maxsize


@pytest.mark.parametrize(
    "tell",
    [
        lambda run: run.reads([f"s3://shop/{number}" for number in range(20)]),
        lambda run: run.reads("s3://shop/orders", columns=without_end()),
        lambda run: run.reads("s3://shop/orders", columns=Endless()),
        lambda run: run.writes("s3://shop/orders", columns=Endless()),
        lambda run: run.writes("s3://shop/orders", columns={"a": without_end()}),
        lambda run: run.writes("s3://shop/orders", decided_by=without_end()),
        lambda run: run.parameters(Endless()),
        lambda run: run.splits("s3://shop/orders", into=Endless()),
        lambda run: run.splits("s3://shop/orders", into={"a": "/a"}, by=without_end()),
    ],
)
def test_of_a_list_without_end_the_first_are_looked_at(
    box: Box, tell: Callable[[Any], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riverhead_emitter.lineage.gaps.MOST", 5)

    event = told(box, tell)

    assert "only the first 5 are looked at" in gaps(event)[0]


def test_what_is_too_long_of_a_value_or_a_query_is_named(box: Box) -> None:
    def tell(run: lineage.TracedRun) -> None:
        run.parameter("notes", {"a": "x" * 10_000})
        run.parameter("fine", 1)
        run.sql("SELECT 1 -- " + "x" * 300_000)

    assert gaps(told(box, tell)) == [
        "parameter notes: not all of it is kept: longer than there is room for at /a",
        "run.sql: not all of it is kept: longer than there is room for",
    ]


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


class Lazy:
    """A proxy that must not be looked at yet."""

    def __call__(self) -> int:
        return 5

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_what_cannot_become_a_job_stays_as_it_is() -> None:
    make: Any = lineage.job
    lazy, number = Lazy(), property(lambda _: 5)

    assert make(lazy) is lazy
    assert make("job")(number) is number
    assert make(number) is number
    assert make("job", "more")(len)("abc") == 3


def test_a_coroutine_that_is_written_as_a_generator_is_one(box: Box) -> None:
    @types.coroutine
    def old() -> Any:
        yield from work(box).__await__()
        return box.story()

    traced = lineage.job("job", outbox=box)(old)

    assert asyncio.run(traced()) == ["job START"]
    assert box.story() == ["job START", "job COMPLETE"]


def test_a_run_whose_run_around_has_ended_is_nobodys_child(box: Box) -> None:
    left = lineage.run("left open", outbox=box)
    with lineage.run("outer", outbox=box):
        left.__enter__()
    left.__exit__(None, None, None)
    with lineage.run("next", outbox=box):
        pass

    assert "next" not in box.parents()


CANARY = "canary5ecret"


@pytest.mark.parametrize("shift", range(0, 24, 3))
def test_no_half_of_a_secret_is_left_where_a_text_is_cut(box: Box, shift: int) -> None:
    def url(length: int) -> str:
        return "x" * (length - shift - 24) + f" postgres://ada:{CANARY}@db/shop " + "y" * 100

    def tell(run: lineage.TracedRun) -> None:
        run.tag("place", url(1_000))
        run.parameter("place", {"deep": [url(8 << 10)]})
        run.sql(url(256 << 10))

    event = json.dumps(told(box, tell))

    assert "xxx postgres" in event
    assert CANARY[:3] not in event


DAEMON = """
import builtins, faulthandler, threading, time
from riverhead_emitter import lineage
faulthandler.dump_traceback_later(10, exit=True)

@lineage.job
def steps():
    yield 1
    yield 2

builtins.kept = steps()
next(builtins.kept)
told = threading.Event()

def tell():
    while True:
        with lineage.run("daemon") as run:
            run.reads("s3://shop/orders")
        told.set()

for _ in range(4):
    threading.Thread(target=tell, daemon=True).start()
told.wait(10)
"""


def test_an_interpreter_ends_although_a_daemon_thread_was_telling(tmp_path: Path) -> None:
    environment = {"RIVERHEAD_SPOOL_DIR": str(tmp_path), "PYTHONPATH": house.source_path()}
    for _ in range(3):
        ended = house.finished([sys.executable, "-c", DAEMON], environment=environment, seconds=30)
        assert (ended.returncode, ended.stderr) == (0, "")
