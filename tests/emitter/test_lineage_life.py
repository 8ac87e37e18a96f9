"""The SDK's life cycle: how runs end, which belongs to which, and that nothing of it changes what the code does."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import house
from riverhead_emitter import lineage
from riverhead_emitter.emitter import Emitter
from riverhead_emitter.hand_over import name_of
from riverhead_emitter.model import Job, Run
from riverhead_emitter.settings import settings_from
from told_runs import Box

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator
    from pathlib import Path

ELSEWHERE = Run("01941f29-7c00-7000-8000-000000000001", Job("other", "dag.task"))
ROOT = Run("01941f29-7c00-7000-8000-000000000002", Job("other", "dag"))


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENLINEAGE_PARENT_ID", raising=False)
    monkeypatch.delenv("OPENLINEAGE_ROOT_PARENT_ID", raising=False)


class Silent(Exception):  # noqa: N818 - the host's own, however it calls it
    """An error without a text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ValueError("wrong"), "FAIL"),
        (Silent(), "FAIL"),
        (KeyboardInterrupt(), "ABORT"),
        (asyncio.CancelledError(), "ABORT"),
        (SystemExit(1), "FAIL"),
        (SystemExit("no"), "FAIL"),
        (SystemExit(["a file is missing"]), "FAIL"),
        (SystemExit(0), "COMPLETE"),
        (SystemExit(), "COMPLETE"),
        (GeneratorExit(), "COMPLETE"),
    ],
)
def test_an_error_ends_the_run_and_goes_on_as_it_was(box: Box, error: BaseException, state: str) -> None:
    def work() -> None:
        with lineage.run("job", outbox=box) as run:
            run.reads("/a")
            raise error

    with pytest.raises(type(error)) as caught:
        work()

    assert caught.value is error
    assert error.__context__ is None
    assert box.story() == ["job START", f"job {state}"]
    assert len(box.events[-1]["inputs"]) == 1
    assert ("errorMessage" in box.events[-1]["run"]["facets"]) == (state != "COMPLETE")


def test_a_failure_tells_its_message_and_stack_without_secrets(box: Box) -> None:
    def work() -> None:
        with lineage.run("job", outbox=box):
            raise ValueError("no connection to postgres://user:canary@db")

    with pytest.raises(ValueError, match="canary"):
        work()
    facet = box.events[-1]["run"]["facets"]["errorMessage"]

    assert facet["message"].startswith("ValueError: no connection to postgres://")
    assert "in work" in facet["stackTrace"]
    assert "canary" not in str(facet)
    assert facet["programmingLanguage"] == "python"


def test_an_endless_recursion_is_told_within_bounds(box: Box) -> None:
    def deeper(number: int) -> int:
        return deeper(number + 1) + (1 if number % 2 else 0) + len("x" * 10)

    def work() -> None:
        with lineage.run("job", outbox=box):
            raise ValueError("x" * 1_000_000)

    with pytest.raises(RecursionError), lineage.run("deep", outbox=box):
        deeper(0)
    with pytest.raises(ValueError, match="xxx"):
        work()

    assert [event["eventType"] for event in box.events] == ["START", "FAIL"] * 2
    assert max(len(str(event)) for event in box.events) < 100_000


class Refusing:
    """An outbox that fails at everything."""

    def observe(self, _: object) -> bool:
        """Fail."""
        raise OSError("disk")

    emit = observe


def test_an_outbox_that_fails_costs_the_code_nothing() -> None:
    with lineage.run("job", outbox=Refusing()) as run:
        run.reads("/a")

    assert run.state is not None


def test_runs_within_runs_are_children(box: Box) -> None:
    with lineage.run("a", outbox=box) as a, lineage.run("b", outbox=box), lineage.run("c", outbox=box):
        assert lineage.current().run.job.name == "c"
    with lineage.run("d", outbox=box, parent=a), lineage.run("e", parent=name_of(ELSEWHERE), outbox=box):
        pass
    with lineage.run("f", outbox=box, parent=ELSEWHERE), lineage.run("g", parent=object(), outbox=box):
        pass

    assert box.parents() == {
        "b": ("a", "a"), "c": ("b", "a"), "d": ("a", "a"), "e": ("dag.task", "dag.task"), "f": ("dag.task", "dag.task"),
    }  # fmt: skip
    assert lineage.current().state is None


def test_the_process_that_started_this_one_is_the_parent(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", name_of(ELSEWHERE))
    monkeypatch.setenv("OPENLINEAGE_ROOT_PARENT_ID", name_of(ROOT))
    with lineage.run("a", outbox=box) as run:
        handed = run.as_environment()

    assert box.parents() == {"a": ("dag.task", "dag")}
    assert handed == {"OPENLINEAGE_PARENT_ID": name_of(run.run), "OPENLINEAGE_ROOT_PARENT_ID": name_of(ROOT)}


def test_a_child_process_belongs_to_the_run_that_hands_itself_on(tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    code = (
        "import subprocess, sys\n"
        "from riverhead_emitter import lineage\n"
        "child = \"from riverhead_emitter import lineage\\nwith lineage.run('child'): pass\"\n"
        "with lineage.run('parent') as run:\n"
        "    import os\n"
        "    subprocess.run([sys.executable, '-c', child], check=True, env={**os.environ, **run.as_environment()})\n"
    )
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": house.source_path(), "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"),
        "OPENLINEAGE__TRANSPORT__TYPE": "file", "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(events),
        "OPENLINEAGE__TRANSPORT__APPEND": "true",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    # On a busy machine the processes' own two seconds may not be enough.
    Emitter(settings_from(environment)).drain(30)
    told = [line for line in events.read_text().splitlines() if '"child"' in line]
    assert len(told) == 2
    assert all('"parent":{' in line.replace(" ", "") for line in told)


def test_a_run_that_is_entered_again_is_another_run(box: Box) -> None:
    run = lineage.run("cell", outbox=box)
    for _ in range(2):
        with run:
            run.reads("/a")
        run.reads("/b")

    assert box.story() == ["cell START", "cell COMPLETE"] * 2
    assert len({event["run"]["runId"] for event in box.events}) == 2
    assert [len(event["inputs"]) for event in box.events] == [0, 1, 0, 1]


def test_a_run_within_itself_is_one_run(box: Box) -> None:
    with lineage.run("job", outbox=box) as run, run:
        assert lineage.current() is run

    assert box.story() == ["job START", "job COMPLETE"]


def test_outside_of_any_run_there_is_one_that_says_nothing(box: Box) -> None:
    run = lineage.current()
    run.reads("/a")
    run.end()

    assert box.events == run.events == []


def test_tasks_have_runs_of_their_own(box: Box) -> None:
    @lineage.job("work", outbox=box)
    async def work(number: int) -> int:
        await asyncio.sleep(0)
        lineage.current().parameter("number", number)
        return number

    async def together() -> list[int]:
        async with lineage.run("all", outbox=box):
            return list(await asyncio.gather(work(1), work(2), work(3)))

    assert asyncio.run(together()) == [1, 2, 3]
    ended = [event for event in box.events if event["eventType"] == "COMPLETE" and event["job"]["name"] == "work"]
    assert [event["run"]["facets"]["riverhead_parameters"]["parameterCount"] for event in ended] == [1, 1, 1]
    assert box.parents() == {"work": ("all", "all")}


def test_a_cancelled_task_is_aborted_and_stays_cancelled(box: Box) -> None:
    @lineage.job(outbox=box)
    async def waits() -> None:
        await asyncio.Event().wait()

    async def cancels() -> bool:
        task = asyncio.create_task(waits())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(cancels())
    assert [event["eventType"] for event in box.events] == ["START", "ABORT"]


def test_a_thread_is_in_the_run_whose_context_it_got(box: Box) -> None:
    def work(name: str) -> None:
        with lineage.run(name, outbox=box):
            pass

    with lineage.run("a", outbox=box) as run:
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(work, "with")),
            threading.Thread(target=work, args=("without",)),
            threading.Thread(target=lambda: [run.metric("m", n) for n in range(500)]),
            threading.Thread(target=lambda: [run.reads(f"/a/{n}") for n in range(500)]),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert box.parents() == {"with": ("a", "a")}
    assert len(box.events[-1]["inputs"]) == 500
    assert box.events[-1]["run"]["facets"]["riverhead_metrics"]["metricCount"] == 500


def test_a_forked_child_does_not_end_its_parents_run(tmp_path: Path) -> None:
    code = (
        "import os\n"
        "from riverhead_emitter import lineage\n"
        "with lineage.run('job') as run:\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        with lineage.run('inner'): pass\n"
        "if child:\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
        "print(*[event['eventType'] for event in run.events])\n"
    )
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": house.source_path(), "RIVERHEAD_SPOOL_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    spooled = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    assert sorted(done.stdout.splitlines()) == ["START", "START COMPLETE"]
    assert spooled.count(b'"eventType":"START"') == spooled.count(b'"eventType":"COMPLETE"') == 2


def test_a_function_is_a_job_and_stays_what_it_was(box: Box) -> None:
    @lineage.job(outbox=box)
    def added(a: int, b: int = 2) -> int:
        """Add."""
        lineage.current().reads("/a")
        return a + b

    assert added(1, b=5) == 6
    assert (added.__doc__, added.__name__) == ("Add.", "added")
    assert inspect.signature(added).parameters.keys() == {"a", "b"}
    assert box.events[-1]["job"]["name"].endswith("added")
    assert "<locals>" not in box.events[-1]["job"]["name"]
    assert box.events[-1]["job"]["facets"]["sourceCodeLocation"]["path"] == __file__
    assert len(box.events[-1]["inputs"]) == 1


def test_a_job_without_brackets_goes_to_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    from riverhead_emitter.lineage import traced

    monkeypatch.setattr(traced, "process_outbox", lambda: pytest.fail("nothing began"))

    @lineage.job
    def work() -> int:
        return 5

    assert work.__name__ == "work"


def test_an_error_of_a_job_is_its_own(box: Box) -> None:
    @lineage.job("job", outbox=box)
    def fails() -> None:
        raise KeyError("a")

    with pytest.raises(KeyError):
        fails()

    assert box.story() == ["job START", "job FAIL"]


@pytest.mark.parametrize("thing", [Box, "text", 5])
def test_what_is_no_function_stays_what_it_is(thing: Any, caplog: pytest.LogCaptureFixture) -> None:
    make: Any = lineage.job

    assert make("job", nonsense=1)(thing) is thing
    assert len(caplog.records) == 2


def test_a_generators_run_lasts_as_long_as_it_does(box: Box) -> None:
    @lineage.job("numbers", outbox=box)
    def numbers() -> Generator[int, str, str]:
        got = yield 1
        lineage.current().parameter("got", got)
        yield 2
        return "done"

    around = lineage.current
    made = numbers()
    assert inspect.isgeneratorfunction(numbers)
    assert box.events == []
    assert next(made) == 1
    assert around().state is None
    assert made.send("x") == 2
    with pytest.raises(StopIteration) as stop:
        next(made)

    assert stop.value.value == "done"
    assert box.story() == ["numbers START", "numbers COMPLETE"]
    assert box.events[-1]["run"]["facets"]["riverhead_parameters"]["parameters"] == [{"name": "got", "value": "x"}]


def test_a_generator_that_fails_or_is_closed_ends_its_run(box: Box) -> None:
    closed = []

    @lineage.job("numbers", outbox=box)
    def numbers() -> Generator[int, str, str]:
        try:
            yield 1
            yield 2
        except ValueError:
            yield 3
        finally:
            closed.append(1)
        return "done"

    first, second = numbers(), numbers()
    next(first)
    first.close()
    next(second)
    assert second.throw(ValueError("caught")) == 3
    with pytest.raises(KeyError):
        second.throw(KeyError("not caught"))

    assert closed == [1, 1]
    assert box.story() == ["numbers START", "numbers COMPLETE", "numbers START", "numbers FAIL"]


def test_an_asynchronous_generator_is_a_job_too(box: Box) -> None:
    @lineage.job("numbers", outbox=box)
    async def numbers(most: int) -> AsyncIterator[int]:
        for number in range(most):
            await asyncio.sleep(0)
            if number == 5:
                raise KeyError(number)
            yield number

    async def all_of(most: int) -> list[int]:
        return [number async for number in numbers(most)]

    assert asyncio.run(all_of(3)) == [0, 1, 2]
    with pytest.raises(KeyError):
        asyncio.run(all_of(9))
    assert [event["eventType"] for event in box.events] == ["START", "COMPLETE", "START", "FAIL"]


def test_a_plain_process_sends_what_it_told_when_it_ends(tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": house.source_path(), "RIVERHEAD_SPOOL_DIR": str(tmp_path / "spool"),
        "OPENLINEAGE__TRANSPORT__TYPE": "file", "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(events),
        "OPENLINEAGE__TRANSPORT__APPEND": "true",
    }  # fmt: skip
    code = "from riverhead_emitter import lineage\nwith lineage.run('job') as run: run.reads('/a'); raise SystemExit(3)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)

    assert (done.returncode, done.stderr) == (3, "")
    assert [line.count('"FAIL"') for line in events.read_text().splitlines()] == [0, 1]


@pytest.mark.parametrize("disable", ["RIVERHEAD_DISABLED", "OPENLINEAGE_DISABLED"])
def test_where_lineage_is_off_nothing_is_written(tmp_path: Path, disable: str, run_code: Callable[..., str]) -> None:
    said = run_code(
        "with lineage.run('job') as run: run.reads('/a')", {disable: "true", "RIVERHEAD_SPOOL_DIR": str(tmp_path)}
    )

    assert said == ""
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_malformed_configuration_is_one_warning(tmp_path: Path, run_code: Callable[..., str]) -> None:
    values = {"OPENLINEAGE_URL": "nowhere", "RIVERHEAD_SPOOL_DIR": str(tmp_path), "RIVERHEAD_SPOOL_DIRR": "x"}
    said = run_code("for _ in range(3):\n    with lineage.run('job') as run: run.reads('/a')", values)

    assert len(said.splitlines()) == 2
    assert "did you mean RIVERHEAD_SPOOL_DIR?" in said
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) > 0


@pytest.fixture
def run_code() -> Callable[..., str]:
    """Run code in a process of its own, and return what it said."""

    def finished(code: str, values: dict[str, str]) -> str:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": house.source_path(), **values}
        whole = f"from riverhead_emitter import lineage\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", whole], capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return finished
