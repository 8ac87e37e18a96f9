"""What a Python below `riverhead run` does at its start and when PySpark is imported, with a PySpark of three lines."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

import house
from riverhead_spark.attach.environment import SITE

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

CONTEXT = """
import inspect
class SparkContext:
    def __init__(self, name):
        self.caller = inspect.stack()[1].function
        self._do_init(name)
    def _do_init(self, name):
        self.name = name
        if name == "broken": raise ValueError(name)
"""
JOB = """
from pyspark{core}.context import SparkContext
def job():
    return SparkContext("one").caller, SparkContext("two").name
print(*job())
"""
LISTENING = "def listen(context): print('listening to', context.name)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a PySpark of both forms, and a listener that says whom it hears."""
    for place in ("pyspark", "pyspark/core", "riverhead_spark"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "__init__.py").write_text("")
    for place in ("pyspark", "pyspark/core"):
        (tmp_path / place / "context.py").write_text(CONTEXT)
    (tmp_path / "riverhead_spark" / "__init__.py").write_text(LISTENING)
    return tmp_path


def ended(program: str, *path: Path | str, switches: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    places = os.pathsep.join([str(SITE), *map(str, path)])
    return house.finished([sys.executable, *switches, "-c", program], environment={"PYTHONPATH": places})


@pytest.mark.parametrize("core", ["", ".core"])
def test_every_context_is_listened_to_and_sees_its_own_caller(folder: Path, core: str) -> None:
    done = ended(JOB.format(core=core), folder)

    assert [done.stdout.splitlines(), done.stderr] == [["listening to one", "listening to two", "job two"], ""]


def test_a_connect_clients_session_is_handed_over_as_well(folder: Path) -> None:
    connect = folder / "pyspark" / "sql" / "connect"
    connect.mkdir(parents=True)
    (connect / "session.py").write_text("class SparkSession:\n  def __init__(self, name): self.name = name")

    assert ended("from pyspark.sql.connect.session import SparkSession as s; s('one')", folder).stdout == (
        "listening to one\n"
    )


def test_a_context_that_cannot_be_made_fails_as_before(folder: Path) -> None:
    done = ended("from pyspark.context import SparkContext\nSparkContext('broken')", folder)

    assert [done.stdout, done.stderr.splitlines()[-1], done.returncode] == ["", "ValueError: broken", 1]


def test_a_context_without_the_inner_method_is_listened_to_as_well(folder: Path) -> None:
    (folder / "pyspark" / "context.py").write_text("class SparkContext:\n  def __init__(self, name): self.name = name")

    assert ended("from pyspark.context import SparkContext\nSparkContext('one')", folder).stdout == "listening to one\n"


def test_a_pyspark_that_has_no_context_is_left_alone(folder: Path) -> None:
    (folder / "pyspark" / "context.py").write_text("")

    assert ended("import pyspark.context", folder).returncode == 0


def test_a_module_that_was_attached_to_tells_of_its_own_source(folder: Path) -> None:
    asked = "print(type(c.__loader__).__name__, c.__spec__.loader is c.__loader__, inspect.getsource(c)[:16].strip())"

    done = ended(f"import inspect, pyspark.context as c; {asked}", folder)

    assert done.stdout == "SourceFileLoader True import inspect\n"


@pytest.mark.parametrize("broken", ["import no_such_package", "raise RuntimeError('half installed')", "def listen(:"])
def test_a_job_that_cannot_import_riverhead_is_unharmed_and_hears_of_it_once(folder: Path, broken: str) -> None:
    (folder / "riverhead_spark" / "__init__.py").write_text(broken)

    done = ended(JOB.format(core=""), folder)

    assert [done.stdout, done.returncode] == ["job two\n", 0]
    assert done.stderr.count("lineage: this job goes on unobserved") == 1


def test_a_time_out_that_passes_while_the_listening_begins_is_the_jobs_own(folder: Path) -> None:
    (folder / "riverhead_spark" / "__init__.py").write_text(
        "import os, signal\ndef listen(context): os.kill(os.getpid(), signal.SIGALRM)"
    )
    late = "import signal\ndef late(*_): raise TimeoutError('late')\nsignal.signal(signal.SIGALRM, late)\n"

    done = ended(f"{late}{JOB.format(core='')}", folder)

    assert [done.stderr.splitlines()[-1], done.returncode] == ["TimeoutError: late", 1]


def test_a_program_without_spark_imports_nothing_for_it() -> None:
    asked = "import sys; print(*sorted(sys.modules))"

    attached, alone = (
        set(house.finished([sys.executable, "-c", asked], environment=given).stdout.split())
        for given in ({"PYTHONPATH": str(SITE)}, {})
    )

    assert attached - alone == {"sitecustomize"}


def test_the_sitecustomize_behind_gets_its_turn_and_its_name(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("print('behind')\nAUTHOR = 'somebody else'")

    done = ended(f"import sitecustomize; print(sitecustomize.AUTHOR)\n{JOB.format(core='')}", folder)

    assert done.stdout.splitlines() == ["behind", "somebody else", "listening to one", "listening to two", "job two"]


def test_a_sitecustomize_behind_that_fails_says_so_as_ever_and_costs_no_lineage(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text("raise RuntimeError('not mine')")

    done = ended(JOB.format(core=""), folder)

    assert "RuntimeError: not mine" in done.stderr
    assert "listening to two" in done.stdout


def test_an_own_second_copy_on_the_path_listens_once(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text((SITE / "sitecustomize.py").read_text())

    assert ended(JOB.format(core=""), folder).stdout.count("listening to one") == 1


def test_another_hook_that_asks_all_finders_gets_along_with_it(folder: Path) -> None:
    (folder / "sitecustomize.py").write_text(
        "import importlib.util, sys\n"
        "class Other:\n"
        "    busy = False\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if self.busy or not name.endswith('.context'): return None\n"
        "        self.busy = True\n"
        "        try: return importlib.util.find_spec(name)\n"
        "        finally: self.busy = False\n"
        "sys.meta_path.insert(0, Other())\n"
    )

    assert "listening to one" in ended(JOB.format(core=""), folder).stdout


@pytest.mark.parametrize("switch", ["-E", "-S", "-I"])
def test_a_python_that_is_told_to_ignore_its_surroundings_does(folder: Path, switch: str) -> None:
    program = f"import sys; sys.path.append({str(folder)!r})\n{JOB.format(core='')}"

    assert ended(program, folder, switches=(switch,)).stdout == "job two\n"
