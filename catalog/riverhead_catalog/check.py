"""What `riverhead doctor` says of the catalog."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from riverhead_emitter.checks import Finding
from riverhead_emitter.extras import how_to_install

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NEEDED = ("sqlalchemy", "starlette", "uvicorn")


def missing() -> list[str]:
    """Return what the `catalog` extra brings and is not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def findings(_environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield whether `riverhead serve` can run here."""
    absent = missing()
    if absent:
        yield Finding(
            "note",
            f"The catalog cannot be served from here ({', '.join(absent)} missing): "
            f"{how_to_install('catalog')}, where it should run.",
        )
    else:
        yield Finding("ok", "The catalog can be served from here: `riverhead serve`.")
