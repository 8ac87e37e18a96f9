"""What the stages of an action used → the facet of its resources; what stopped it → the facets of its failure. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.own.operation import Resources, Stage, failure, resources
from riverhead_emitter.facets.run import error_message

if TYPE_CHECKING:
    from collections.abc import Mapping

# `org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed …`
_CONDITION = re.compile(r"(?:^|: )\[([A-Z][A-Z0-9_.]{2,100})\] ", re.MULTILINE)


def resource_facets(root: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run facets of what an action used; none where no stage ran."""
    used = root.get("used")
    if not isinstance(used, dict):
        return {}
    whole = Resources(
        duration_seconds=(root["ended"] - root["started"]) / 1000,
        cpu_seconds=used["cpu_ns"] / 1e9,
        peak_memory_bytes=used["peak_memory"],
        read_bytes=used["read_bytes"],
        written_bytes=used["written_bytes"],
        shuffle_read_bytes=used["shuffle_read"],
        shuffle_written_bytes=used["shuffle_written"],
        memory_spilled_bytes=used["memory_spilled"],
        disk_spilled_bytes=used["disk_spilled"],
        worker_seconds=used["run_ms"] / 1000,
        collecting_seconds=used["gc_ms"] / 1000,
        tasks=used["tasks"],
    )
    stages = [_stage(stage) for stage in used["by_stage"]] if used["stages"] > 1 else []
    return {"riverhead_resources": resources(whole, stages=stages, stage_count=used["stages"])}


def failure_facets(root: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run facets of what stopped an action."""
    error, used = root["error"], root.get("used") or {}
    message = f"{error['class']}: {error['message']}" if error.get("message") else error["class"]
    facets = {"errorMessage": error_message(message, "JAVA", error.get("stack"))}
    facets["riverhead_failure"] = failure(
        error["class"],
        condition=error.get("condition") or _condition(message),
        sql_state=error.get("sql_state"),
        fragment=error.get("fragment"),
        stage=used.get("failed_stage"),
        operators=_operators(used.get("failed_operators")),
    )
    return facets


def _condition(message: str) -> str | None:
    """Return the innermost condition that a message names: a failed job tells its task's errors in its own message."""
    named = _CONDITION.findall(message)
    return named[-1] if named else None


def _stage(stage: Mapping[str, int]) -> Stage:
    return Stage(
        id=stage["id"],
        tasks=stage["tasks"],
        worker_seconds=stage["run_ms"] / 1000,
        cpu_seconds=stage["cpu_ns"] / 1e9,
        collecting_seconds=stage["gc_ms"] / 1000,
        peak_memory_bytes=stage["peak_memory"] or None,
        shuffle_read_bytes=stage["shuffle_read"] or None,
        shuffle_written_bytes=stage["shuffle_written"] or None,
        memory_spilled_bytes=stage["memory_spilled"] or None,
        disk_spilled_bytes=stage["disk_spilled"] or None,
    )


def _operators(names: object) -> list[str]:
    """Return the operators of a stage; generated code is no operator but what some of them were made into."""
    named = [str(name).strip() for name in names] if isinstance(names, list) else []
    return [name for name in named if not name.startswith("WholeStageCodegen")] or named
