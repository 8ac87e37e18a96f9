"""What a task uses from its start to its end: the processor's time, of its children too, and the most memory."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if sys.platform != "win32":
    import resource

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import Used

# Of what the system tells of memory; most count in kibibytes.
_UNIT = 1 if sys.platform == "darwin" else 1024


def cpu_seconds() -> float:
    """Return what this process and its finished children have used so far."""
    return sum(usage.ru_utime + usage.ru_stime for usage in _usages())


def used_since(cpu_seconds_before: float) -> Used | None:
    """Return what was used since then; memory is the most that this process, or one of its children, ever had."""
    usages = _usages()
    if not usages:
        return None
    return {
        "cpu_seconds": round(max(cpu_seconds() - cpu_seconds_before, 0.0), 3),
        "peak_memory_bytes": max(usage.ru_maxrss for usage in usages) * _UNIT,
    }


def _usages() -> list[resource.struct_rusage]:
    if sys.platform == "win32":
        return []
    return [resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)]
