"""What every Python below `riverhead run` loads before its program: a SparkContext that it makes is listened to.

Python looks for a module of this name at its start, and takes the first. So the one behind this one gets its turn from
here. Most of these processes never see Spark, and some are of a Python that knows nothing of ours: nothing is
imported here that such a process has not loaded, and nothing of Riverhead before there is a SparkContext.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

# What is listened to when it is made, by its module: in Spark 3, in Spark 4, and in a client of Spark Connect.
HOMES = {
    "pyspark.context": "SparkContext",
    "pyspark.core.context": "SparkContext",
    "pyspark.sql.connect.session": "SparkSession",
}
is_unheard = False


class Hook:
    """A finder that leaves the finding to the others, and looks at one module once it is loaded."""

    is_riverheads = True

    def __init__(self) -> None:
        self._is_asking = False

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "ModuleSpec | None":
        """Return what the other finders find; nothing for a module that is of no interest."""
        if name not in HOMES or self._is_asking:
            return None
        # Another such hook may ask all finders in its turn.
        self._is_asking = True
        try:
            spec = first_found(name, path, target)
        finally:
            self._is_asking = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Watched(spec.loader)  # type: ignore[assignment]  # a loader by what it does
        return spec


class _Watched:
    """A module's own loader, after whose work the module is changed."""

    def __init__(self, loader: "Loader") -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def exec_module(self, module: "ModuleType") -> None:
        """Run the module, and attach to what it has."""
        # From here on nobody sees that we were here.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        kind = getattr(module, HOMES[module.__name__], None)
        if kind is not None:
            attach(kind)


def first_found(name: str, path: "Any", target: "Any" = None) -> "ModuleSpec | None":
    """Return what the first of all finders finds that finds anything."""
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path, target) if hasattr(finder, "find_spec") else None
        if spec is not None:
            return spec
    return None


def attach(kind: "Any") -> None:
    """Have each of this kind listened to from when it is ready."""
    # Not a context's `__init__`, which looks at its caller for the call site that Spark's page shows.
    name = "_do_init" if hasattr(kind, "_do_init") else "__init__"
    original = getattr(kind, name)

    def made(self: "Any", *given: object, **named: object) -> None:
        original(self, *given, **named)
        listen_to(self)

    setattr(kind, name, made)


def listen_to(spark: object) -> None:
    """Listen to this context or session; where that cannot be imported, one warning says so and the job goes on."""
    global is_unheard  # noqa: PLW0603 - what this process cannot import is a fact of the process
    if is_unheard:
        return
    try:
        from riverhead_spark import listen
    except Exception as error:  # noqa: BLE001 - a broken or missing installation is no reason to stop a job
        is_unheard = True
        import logging

        said = "lineage: this job goes on unobserved: %s cannot import riverhead_spark (%s: %s)"
        logging.getLogger(__name__).warning(said, sys.executable, type(error).__name__, error)
    else:
        # It guards itself: what gets past it is the job's own, as a time-out is.
        listen(spark)


def give_way() -> None:
    """Load the module of this name that stands behind this one on the path, in this one's place."""
    here = os.path.dirname(os.path.abspath(__file__))
    behind = [place for place in sys.path if os.path.abspath(place) != here]
    spec = first_found(__name__, behind)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    sys.modules[__name__] = module = module_from_spec(spec)
    spec.loader.exec_module(module)


# Anybody else who imports this file wants to look at it.
if __name__ == "sitecustomize":
    if not any(getattr(finder, "is_riverheads", False) for finder in sys.meta_path):
        sys.meta_path.insert(0, Hook())
    give_way()
