"""What is brought into a JVM: what is there, what is kept, or what is compiled; with a JVM that is a few objects."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from riverhead_spark.tap import compile as compiling
from riverhead_spark.tap.compile import Loaded, keep_compiled, loaded, sources

if TYPE_CHECKING:
    from pathlib import Path

CODE = {"riverhead/tap/PlanTap.class": b"a tap"}


class Refused(Exception):  # noqa: N818 - what py4j calls an error
    """The JVM refuses."""


class FakeMap(dict[str, bytes]):
    """A map of the JVM's."""

    def put(self, name: str, code: bytes) -> None:
        """Put an entry."""
        self[name] = code


class FakeJvm:
    """A JVM that compiles every source to the same bytes, and loads what it does not refuse."""

    def __init__(self, java: str = "17", refused: bytes = b"") -> None:
        self.gateway = object()
        self.spark_context = SimpleNamespace(getClass=lambda: SimpleNamespace(getClassLoader=lambda: "loader"))
        self.compilations = 0
        self._java, self._refused, self._target = java, refused, FakeMap()

    def class_named(self, name: str) -> Any:
        """Return what stands for a class."""
        known: dict[str, Any] = {
            "Properties": SimpleNamespace(versionNumberString=lambda: "2.13.16"),
            "System": SimpleNamespace(getProperty=lambda _: self._java),
            "HashMap": FakeMap,
            "Compiler": lambda: self,
            "ByteArrayClassLoader": self._loader,
            "MapResourceCreator": self._to,
        }
        return known.get(name.rpartition(".")[2], lambda *given: given)

    def array(self, _: str, elements: list[Any]) -> list[Any]:
        """Return an array."""
        return elements

    def setIClassLoader(self, _: object) -> None:  # noqa: N802 - Janino's name
        """The compiler's."""

    def setClassFileCreator(self, _: object) -> None:  # noqa: N802 - Janino's name
        """The compiler's."""

    def compile(self, _: list[Any]) -> None:
        """Compile."""
        self.compilations += 1
        self._target.update(CODE)

    def _to(self, target: FakeMap) -> None:
        self._target = target

    def _loader(self, classes: FakeMap, _: object) -> Any:
        if self._refused in classes.values():
            raise Refused
        return SimpleNamespace(loadClass=lambda name: (name, dict(classes)))


@pytest.fixture(autouse=True)
def a_py4j_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = ModuleType("py4j.protocol")
    protocol.Py4JError = Refused  # type: ignore[attr-defined]  # a module made here has no attributes that mypy knows
    monkeypatch.setitem(sys.modules, "py4j", ModuleType("py4j"))
    monkeypatch.setitem(sys.modules, "py4j.protocol", protocol)
    monkeypatch.setattr(compiling, "_loaded", {})


def brought(jvm: Any, cache: Path | None, version: str = "4.0.1") -> Loaded:
    return loaded(jvm, version, cache)


def test_what_one_process_compiled_the_next_one_loads(tmp_path: Path) -> None:
    keep_compiled(brought(FakeJvm(), tmp_path / "tap"), tmp_path / "tap")
    next_one = FakeJvm()

    found = brought(next_one, tmp_path / "tap")

    assert (found.tap, found.compiled, next_one.compilations) == (("riverhead.tap.PlanTap", CODE), None, 0)


@pytest.mark.parametrize(("version", "java"), [("4.0.2", "17"), ("4.0.1", "21")])
def test_another_spark_or_java_compiles_for_itself(version: str, java: str, tmp_path: Path) -> None:
    keep_compiled(brought(FakeJvm(), tmp_path / "tap"), tmp_path / "tap")
    next_one = FakeJvm(java)

    brought(next_one, tmp_path / "tap", version)

    assert next_one.compilations == 1


def test_what_the_jvm_refuses_of_what_was_kept_is_compiled_anew(tmp_path: Path) -> None:
    first = brought(FakeJvm(), None)
    keep_compiled(first._replace(compiled=FakeMap({"riverhead/tap/PlanTap.class": b"spoilt"})), tmp_path / "tap")
    next_one = FakeJvm(refused=b"spoilt")

    found = brought(next_one, tmp_path / "tap")

    assert next_one.compilations == 1
    assert found.tap == ("riverhead.tap.PlanTap", CODE)


def test_a_jvm_has_the_tap_once() -> None:
    jvm = FakeJvm()

    first, second = brought(jvm, None), brought(jvm, None)

    assert (first.tap, jvm.compilations) == (second.tap, 1)
    assert second.compiled is None


def test_nothing_is_kept_where_nothing_is_to_be(tmp_path: Path) -> None:
    keep_compiled(brought(FakeJvm(), None), None)

    assert list(tmp_path.iterdir()) == []


def test_every_java_source_is_one_of_the_taps() -> None:
    assert {"riverhead/tap/PlanTap.java", "riverhead/tap/Json.java"} <= set(sources())
    assert all("package riverhead.tap;" in text for text in sources().values())
