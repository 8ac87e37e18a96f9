"""Bring the tap into the driver's own JVM, by the compiler that Spark carries; no jar is ever shipped.

What an earlier process compiled from the same sources for the same Spark, Scala and Java is loaded as it was kept.
"""

from __future__ import annotations

import contextlib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_spark.tap.compiled_cache import keep, kept, key_of
from riverhead_spark.tap.jvm import jvm_error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riverhead_spark.tap.jvm import Jvm

_TAP = "riverhead.tap.PlanTap"
_JANINO, _COMMONS = "org.codehaus.janino", "org.codehaus.commons.compiler.util"


class Loaded(NamedTuple):
    """The tap's class in a JVM, the key of its sources there, and the JVM's map of what was compiled just now."""

    tap: Any
    key: str
    compiled: Any = None


# By gateway, of which a process has one: a JVM keeps each class it ever loaded, whatever SparkContexts come and go.
_loaded: dict[Any, Loaded] = {}


def sources() -> dict[str, str]:
    """Return every Java source of the tap by its path, also from inside a zip; they refer to each other."""
    beside = (entry for entry in files(__package__).iterdir() if entry.name.endswith(".java"))
    return {
        f"riverhead/tap/{entry.name}": entry.read_text(encoding="utf-8")
        for entry in sorted(beside, key=lambda each: each.name)
    }


def loaded(jvm: Jvm, version: str, cache: Path | None) -> Loaded:
    """Return the tap's class in the JVM of this version of Spark: as it is there, as it is kept, or compiled."""
    known = _loaded.get(jvm.gateway)
    if known is not None:
        return known
    found = _brought(jvm, version, cache)
    _loaded[jvm.gateway] = found._replace(compiled=None)
    return found


def keep_compiled(fresh: Loaded, cache: Path | None) -> None:
    """Keep what was compiled here for the processes to come; slow, because large replies of py4j are."""
    if cache is None or fresh.compiled is None:
        return
    with contextlib.suppress(jvm_error()):
        keep(cache, fresh.key, {str(name): bytes(fresh.compiled[name]) for name in fresh.compiled})


def _brought(jvm: Jvm, version: str, cache: Path | None) -> Loaded:
    texts = sources()
    # The context's own loader sees Spark in every deployment; a thread's may be a shell's or a notebook's.
    loader = jvm.spark_context.getClass().getClassLoader()
    scala = jvm.class_named("scala.util.Properties").versionNumberString()
    java = jvm.class_named("java.lang.System").getProperty("java.runtime.version")
    key = key_of(*texts.values(), version, scala, java)
    classes = None if cache is None else kept(cache, key)
    tap = None if classes is None else _defined(jvm, classes, loader)
    if tap is not None:
        return Loaded(tap, key)
    compiled = _compiled(jvm, texts, loader)
    return Loaded(_class_in(jvm, compiled, loader), key, compiled)


def _defined(jvm: Jvm, classes: Mapping[str, bytes], loader: Any) -> Any:
    """Return the tap of classes that were kept; None where this JVM does not take them."""
    try:
        compiled = jvm.class_named("java.util.HashMap")()
        for name, code in classes.items():
            compiled.put(name, code)
        return _class_in(jvm, compiled, loader)
    except jvm_error():
        return None


def _compiled(jvm: Jvm, texts: Mapping[str, str], loader: Any) -> Any:
    """Compile, and return the JVM's map from the names of class files to their bytes."""
    compiled = jvm.class_named("java.util.HashMap")()
    compiler = jvm.class_named(f"{_JANINO}.Compiler")()
    compiler.setIClassLoader(jvm.class_named(f"{_JANINO}.ClassLoaderIClassLoader")(loader))
    compiler.setClassFileCreator(jvm.class_named(f"{_COMMONS}.resource.MapResourceCreator")(compiled))
    text = jvm.class_named(f"{_COMMONS}.resource.StringResource")
    compiler.compile(jvm.array(f"{_COMMONS}.resource.Resource", [text(*named) for named in texts.items()]))
    return compiled


def _class_in(jvm: Jvm, compiled: Any, loader: Any) -> Any:
    return jvm.class_named(f"{_COMMONS}.reflect.ByteArrayClassLoader")(compiled, loader).loadClass(_TAP)
