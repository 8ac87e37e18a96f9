"""Compile the tap in the driver's own JVM, by the compiler that Spark carries; no jar is ever shipped."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

# Each sees the ones before it.
_SOURCES = ("Json", "PlanDump", "PlanTap")
# A JVM keeps each class it ever loaded, so the tap is compiled once for all SparkContexts of this process.
_compiled: dict[int, Any] = {}


def source(name: str) -> str:
    """Return one Java source, also from inside a zip."""
    return files(__package__).joinpath(f"{name}.java").read_text(encoding="utf-8")


def tap_class(context: Any) -> Any:
    """Return the tap's `java.lang.Class` in the JVM of this SparkContext."""
    gateway = context._gateway  # noqa: SLF001 - PySpark has no public door to its JVM
    known = _compiled.get(id(gateway))
    if known is None:
        known = _compiled[id(gateway)] = _compile(context, gateway)
    return known


def _compile(context: Any, gateway: Any) -> Any:
    # The context's own loader sees Spark in every deployment; a thread's may be a shell's or a notebook's.
    loader = context._jsc.sc().getClass().getClassLoader()  # noqa: SLF001 - PySpark has no public way to its JVM
    for name in _SOURCES:
        compiler = gateway.jvm.org.codehaus.janino.SimpleCompiler()
        compiler.setParentClassLoader(loader)
        compiler.cook(source(name))
        loader = compiler.getClassLoader()
    return loader.loadClass(f"riverhead.tap.{_SOURCES[-1]}")
