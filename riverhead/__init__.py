"""The front door: `import riverhead`, then `riverhead.listen(spark)` or `riverhead.lineage.run(…)`.

Names load when they are first used, so that importing this inside a host costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riverhead_emitter import lineage
    from riverhead_spark import listen, stop

    __version__: str

__all__ = ["__version__", "lineage", "listen", "stop"]

_HOMES = {
    "__version__": "riverhead_emitter.version:VERSION",
    "lineage": "riverhead_emitter.lineage",
    "listen": "riverhead_spark:listen",
    "stop": "riverhead_spark:stop",
}


def __getattr__(name: str) -> object:
    """Find a public name in the room where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riverhead' has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    found = importlib.import_module(module)
    return getattr(found, attribute) if attribute else found


def __dir__() -> list[str]:
    return __all__
