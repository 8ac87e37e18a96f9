"""When a driver died that said nothing of its end, as a drainer writes it into the last words that the driver left."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DIED = "died"
WITHOUT_A_WORD = "the driver's process ended without a word"


def died_at(payload: Mapping[str, Any]) -> int | None:
    """Return when the driver died whose last words these are, in milliseconds; None where it speaks for itself."""
    died = payload.get(DIED)
    return None if died is None else int(datetime.fromisoformat(died).timestamp() * 1000)
