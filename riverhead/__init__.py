"""The front door: `import riverhead`, then `riverhead.listen(spark)`.

Names load when they are first used, so that importing this inside a host costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riverhead_spark import listen, stop

    __version__: str

__all__ = ["__version__", "listen", "stop"]

_HOMES = {
    "__version__": ("riverhead_emitter.version", "VERSION"),
    "listen": ("riverhead_spark", "listen"),
    "stop": ("riverhead_spark", "stop"),
}


def __getattr__(name: str) -> object:
    """Find a public name in the room where it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module 'riverhead' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(importlib.import_module(module), attribute)


def __dir__() -> list[str]:
    return __all__
