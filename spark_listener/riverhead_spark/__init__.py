"""The query-plan listener for PySpark: `listen(spark)` once, and every query tells its lineage.

Importing this room costs next to nothing and brings no PySpark; the driver's work begins with `listen`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from riverhead_spark.following import Listening
    from riverhead_spark.listening import listen, stop

__all__ = ["Listening", "listen", "stop"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from riverhead_spark import listening

    return getattr(listening, name)
