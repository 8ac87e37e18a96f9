"""Compile the tap in the driver's own JVM, by the compiler that Spark carries; no jar is ever shipped."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

# One compilation: they refer to each other.
_SOURCES = (
    "Json",
    "Structures",
    "Expressions",
    "LakeVersions",
    "Lakes",
    "Relations",
    "Values",
    "PlanDump",
    "Counts",
    "Failure",
    "Stages",
    "PlanTap",
)
_TAP = "riverhead.tap.PlanTap"
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
    janino, commons = gateway.jvm.org.codehaus.janino, gateway.jvm.org.codehaus.commons.compiler.util
    compiled = gateway.jvm.java.util.HashMap()
    compiler = janino.Compiler()
    compiler.setIClassLoader(janino.ClassLoaderIClassLoader(loader))
    compiler.setClassFileCreator(commons.resource.MapResourceCreator(compiled))
    texts = gateway.new_array(commons.resource.Resource, len(_SOURCES))
    for at, name in enumerate(_SOURCES):
        texts[at] = commons.resource.StringResource(f"riverhead/tap/{name}.java", source(name))
    compiler.compile(texts)
    return commons.reflect.ByteArrayClassLoader(compiled, loader).loadClass(_TAP)
