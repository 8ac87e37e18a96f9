"""Our cheap frozen values behave as those of the standard library do, which type checkers believe them to be."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_emitter import frozen
from riverhead_emitter.frozen import compile_now, dataclass, field
from riverhead_emitter.model import Column, Dataset, Job, Touched
from riverhead_emitter.redaction import Redaction
from riverhead_emitter.settings import HttpSink

if TYPE_CHECKING:
    from collections.abc import Callable


class Plain:
    """Before it is made a value."""

    name: str
    size: int = 3
    told: dict[str, int] = field(default_factory=dict)
    hidden: str = field(default="x", repr=False)

    @property
    def both(self) -> str:
        return f"{self.name} {self.size}"


class Standard:
    name: str
    size: int = 3
    told: dict[str, int] = dataclasses.field(default_factory=dict)
    hidden: str = dataclasses.field(default="x", repr=False)

    both = Plain.both


Ours: Any = dataclass(frozen=True, slots=True, order=True)(Plain)
Theirs: Any = dataclasses.dataclass(frozen=True, slots=True, order=True)(Standard)
BOTH = pytest.mark.parametrize("made", [Ours, Theirs], ids=["ours", "theirs"])


@BOTH
def test_a_value_is_what_its_fields_are(made: Any) -> None:
    value = made("a", told={"b": 1})

    assert (value.name, value.size, value.told, value.hidden, value.both) == ("a", 3, {"b": 1}, "x", "a 3")
    assert repr(value).partition("(")[2] == "name='a', size=3, told={'b': 1})"
    assert value == made("a", 3, {"b": 1}, "x")
    assert value != made("a", 4)
    assert value != ("a", 3, {"b": 1}, "x")
    assert made("a") < made("b")
    assert made("b", 2) >= made("b", 1)
    assert made("a").told is not made("a").told
    assert not hasattr(value, "__dict__")


@BOTH
@pytest.mark.parametrize(
    "misuse",
    [
        lambda made: made(),
        lambda made: made("a", nothing=1),
        lambda made: made("a", 1, {}, "x", 5),
        lambda made: made("a", name="b"),
        lambda made: hash(made("a")),
        lambda made: made("a") < ("a",),
    ],
)
def test_a_misuse_is_a_type_error(made: Any, misuse: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        misuse(made)


@BOTH
def test_a_value_cannot_be_changed(made: Any) -> None:
    value = made("a")

    with pytest.raises(dataclasses.FrozenInstanceError):
        value.name = "b"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del value.name
    assert value.name == "a"


@BOTH
def test_the_standard_library_knows_it_for_a_dataclass(made: Any) -> None:
    value, changed = made("a"), made("a", 5)

    assert dataclasses.replace(value, size=5) == changed
    assert dataclasses.asdict(value) == {"name": "a", "size": 3, "told": {}, "hidden": "x"}
    assert [(one.name, one.repr) for one in dataclasses.fields(made)][2:] == [("told", True), ("hidden", False)]
    assert made.__match_args__ == ("name", "size", "told", "hidden")
    assert dataclasses.is_dataclass(made)


@pytest.mark.parametrize("value", [Touched(Dataset("a", "b")), Column(Dataset("a", "b"), "c"), HttpSink("http://m")])
def test_a_value_is_copied_and_pickled_whole(value: object) -> None:
    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value  # noqa: S301 - our own


def test_values_of_two_kinds_are_never_equal_whatever_they_hold() -> None:
    job: object = Job("a", "b")
    assert Dataset("a", "b") != job
    assert {Dataset("a", "b"), Dataset("a", "b")} == {Dataset("a", "b")}


def test_a_value_is_checked_once_its_fields_are_there() -> None:
    with pytest.raises(Exception, match="pattern"):
        Redaction(patterns=("(",))


def test_what_is_not_frozen_is_refused() -> None:
    with pytest.raises(TypeError, match="frozen"):
        dataclass(frozen=False, slots=True)


def test_a_class_that_was_compiled_ahead_is_what_it_would_have_become(monkeypatch: pytest.MonkeyPatch) -> None:
    made: Any = dataclass(frozen=True, slots=True)(type("Made", (), {"__annotations__": {"name": "str"}}))
    compile_now()
    monkeypatch.setattr(frozen, "_init", None)

    assert made("a").name == "a"
    assert not frozen._UNUSED
