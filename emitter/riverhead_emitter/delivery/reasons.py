"""What another side said, as it may stand in a log, a dead letter or a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.redaction import MASK, REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riverhead_emitter.redaction import Redaction

_LONGEST = 400
# Shorter ones would mask half of every sentence, and are no secret.
_SHORTEST_SECRET = 4


def told(text: str, secrets: Iterable[str], redaction: Redaction = REDACTION) -> str:
    """Return one short printable line of it without our secrets, and without what the settings hide."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return "".join(letter if letter.isprintable() else " " for letter in redaction.beginning(text, _LONGEST))


def longest_first(secrets: Iterable[str]) -> list[str]:
    """Return the secrets in the order in which they are to be masked."""
    return sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)
