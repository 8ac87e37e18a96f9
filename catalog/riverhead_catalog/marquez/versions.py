"""Version ids: made from what they identify, so that every server and every rebuild gives the same."""

from __future__ import annotations

import json
import uuid

_SPACE = uuid.UUID("6f0c9b0e-7c6d-5a54-9a0f-4d1c3f0f7a11")


def version(*parts: str) -> str:
    """Return the id of what these parts name."""
    return str(uuid.uuid5(_SPACE, json.dumps(parts)))
