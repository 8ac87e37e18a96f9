"""The source of functions that were handed to Spark, by the identity that its JVM gives them."""

from __future__ import annotations

import functools
import gc
import linecache
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_spark.code.functions import Functions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIBRARY = "/nowhere/pyspark/"


def plain(amount: float) -> float:
    """Return it doubled."""
    return amount * 2


def decorate(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def wrapper(*given: object) -> object:
        return function(*given)

    return wrapper


@decorate
def decorated(amount: float) -> float:
    return amount * 3


class Splitter:
    """A table function."""

    limit = 7

    def eval(self, text: str) -> object:
        yield from text.split(",")[: self.limit]


class Called:
    def __call__(self, amount: float) -> float:
        return amount * 4


def described(function: object, library: str = LIBRARY) -> dict[str, Any]:
    functions = Functions(library)
    functions.remember(7, function)
    (known,) = functions.described([7, 8])
    return known


def test_a_function_is_told_with_its_name_place_and_source() -> None:
    known = described(plain)

    assert (known["name"], known["file"], known["line"]) == ("plain", __file__, plain.__code__.co_firstlineno)
    assert known["source"].splitlines() == [
        "def plain(amount: float) -> float:",
        '    """Return it doubled."""',
        "    return amount * 2",
    ]


@pytest.mark.parametrize(
    ("function", "name", "begins", "ends"),
    [
        (decorated, "decorated", "@decorate", "return amount * 3"),
        (functools.partial(plain, 3), "plain", "def plain", "return amount * 2"),
        (Splitter, "Splitter", "class Splitter", 'yield from text.split(",")[: self.limit]'),
        (Called(), "Called", "def __call__", "return amount * 4"),
        (lambda amount: amount * 5, "<lambda>", "(lambda amount: amount * 5", "),"),
    ],
    ids=["decorated", "partial", "class", "object", "lambda"],
)
def test_whatever_can_be_called_is_followed_to_what_its_user_wrote(
    function: object, name: str, begins: str, ends: str
) -> None:
    known = described(function)

    assert known["name"] == name
    assert known["source"].startswith(begins)
    assert known["source"].endswith(ends)


def test_a_function_of_pysparks_own_is_looked_through() -> None:
    library: dict[str, Any] = {}
    code = "def vectorised(f):\n    a = lambda x: x\n    return lambda batch: [a(f(each)) for each in batch]"
    exec(compile(code, f"{LIBRARY}sql/udf.py", "exec"), library)  # noqa: S102 - a module that is not there

    assert described(library["vectorised"](plain))["name"] == "plain"
    assert described(library["vectorised"](plain), "/elsewhere")["name"] == "<lambda>"


@pytest.mark.parametrize("function", [len, print, int.__add__])
def test_a_function_without_source_is_told_by_its_name(function: Any) -> None:
    assert described(function) == {"name": function.__name__}


def test_a_cell_of_a_notebook_is_found_where_the_notebook_keeps_it() -> None:
    cell = "<ipython-input-3-abc>"
    code = "def doubled(x):\n    return x * 2\n"
    linecache.cache[cell] = (len(code), None, code.splitlines(keepends=True), cell)
    names: dict[str, Any] = {}
    exec(compile(code, cell, "exec"), names)  # noqa: S102 - as a notebook does

    assert described(names["doubled"])["source"] == code.rstrip()


def test_a_file_that_is_gone_or_too_large_gives_no_source(tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    code = "def doubled(x):\n    return x * 2\n"
    names: dict[str, Any] = {}
    exec(compile(code, str(script), "exec"), names)  # noqa: S102 - a module that was imported from there
    script.write_text(code + "#" * (3 << 20), encoding="utf-8")

    assert described(names["doubled"]) == {"name": "doubled", "file": str(script), "line": 1}
    script.unlink()
    assert described(names["doubled"]) == {"name": "doubled", "file": str(script), "line": 1}


def test_a_long_function_is_cut(tmp_path: Path) -> None:
    script = tmp_path / "job.py"
    script.write_text(
        "def long(x):\n" + "    x = x + 1  # and so on and so on and so on and so on and so on\n" * 5000, "utf-8"
    )
    names: dict[str, Any] = {}
    exec(compile(script.read_text("utf-8"), str(script), "exec"), names)  # noqa: S102 - a module that was imported

    assert 0 < len(described(names["long"])["source"]) <= 20_000


def test_only_the_latest_thousand_are_kept_and_no_data_of_them() -> None:
    functions = Functions(LIBRARY)
    data: Any = Called()
    held = weakref.ref(data)

    functions.remember(-1, functools.partial(plain, data))
    for identity in range(1000):
        functions.remember(identity, plain)
    del data
    gc.collect()

    assert functions.described([-1]) == []
    assert len(functions.described(range(1000))) == 1000
    assert held() is None


def test_a_source_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    functions = Functions(LIBRARY)
    functions.remember(1, plain)
    first = functions.described([1])
    monkeypatch.setattr(sys.modules["riverhead_spark.code.functions"], "lines_of", None)

    assert functions.described([1]) == first
