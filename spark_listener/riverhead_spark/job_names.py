"""Names of Spark's jobs: those that the official agent gives, so that a team that switches keeps its history. Pure."""

from __future__ import annotations

import re
import unicodedata

_EDGES = re.compile(r"^\W+|\W+$", re.ASCII)
_CAMEL = re.compile(r"([a-z])([A-Z])")
_ACRONYM = re.compile(r"(?<!^)([A-Z])([a-z])")
_DIGIT = re.compile(r"(\d)(?=\D)", re.ASCII)
_REST = re.compile(r"[^a-zA-Z0-9]+")


def job_name(application: str, node: str, label: str) -> str:
    """Return `<application>.<node of the executed plan>.<output>`; a part that is not known is left out."""
    parts = (snake_case(application) or "unknown", snake_case(node), label.replace(".", "_"))
    return ".".join(part for part in parts if part)


def snake_case(text: str) -> str:
    """Return words in lower case with underscores between: `AdaptiveSparkPlan` is `adaptive_spark_plan`."""
    trimmed = _EDGES.sub("", text)
    plain = "".join(c for c in unicodedata.normalize("NFKD", trimmed) if not unicodedata.category(c).startswith("M"))
    words = _DIGIT.sub(r"\1 ", _ACRONYM.sub(r" \1\2", _CAMEL.sub(r"\1 \2", plain)))
    return _REST.sub("_", words.lower())
