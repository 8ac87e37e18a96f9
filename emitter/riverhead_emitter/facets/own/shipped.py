"""The JSON Schemas of our facets, as they are shipped."""

from __future__ import annotations

import json
from typing import Any

from riverhead_emitter.loading import loading


def own_schemas() -> dict[str, dict[str, Any]]:
    """Return every JSON Schema of ours by its file's name, as in `coverage-1-0-0.json`; reads from a zip, too."""
    with loading():
        from importlib.resources import files

    folder = files("riverhead_emitter.facets") / "schemas"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".json")), key=lambda file: file.name)
    return {file.name: json.loads(file.read_text(encoding="utf-8")) for file in found}
