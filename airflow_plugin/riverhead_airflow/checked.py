"""What an operator checked of its data, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_airflow.texts import kept

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import CheckFacts
    from riverhead_emitter.redaction import Redaction

_MOST_CHECKS, _MOST_TEXT = 1_000, 2 << 10


def checks_of(operator: object, redaction: Redaction) -> list[CheckFacts]:
    """Return the results of the SQL check operators of Airflow's own provider."""
    results = getattr(operator, "check_results", None)
    return [_facts(result, redaction) for result in results[:_MOST_CHECKS]] if isinstance(results, list) else []


def _facts(result: Any, redaction: Redaction) -> CheckFacts:
    def text(name: str) -> str | None:
        said = getattr(result, name, None)
        return None if said is None else kept(str(said), _MOST_TEXT, redaction)

    return {
        "name": text("name") or "",
        "check": text("check_type") or "",
        "is_passed": bool(getattr(result, "success", False)),
        "severity": text("severity"),
        "table": text("table"),
        "column": text("column"),
        "expected": text("expected"),
        "actual": text("actual"),
        "content": text("content"),
        "description": text("description"),
    }
