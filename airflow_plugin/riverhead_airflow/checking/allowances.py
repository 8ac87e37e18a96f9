"""The tasks that may stay below the wanted depth: a file of patterns, each with who answers for it and why.

# until the vendor's library reports
shop.load_*            owner=shop   it calls a binary
legacy.*               owner="Data Platform"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_ENTRY = re.compile(r"(?P<pattern>\S+)(?:\s+owner=(?:\"(?P<quoted>[^\"]*)\"|(?P<owner>\S+)))?(?:\s+(?P<reason>.*))?")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Allowance:
    """One line of the file: which tasks, who answers for them, and why."""

    pattern: str
    owner: str = ""
    reason: str = ""
    line: int = 0

    def covers(self, dag_id: str, task_id: str) -> bool:
        """Return whether a task is meant; a * stands for any text, dots as well."""
        pattern = ".*".join(map(re.escape, self.pattern.split("*")))
        return re.fullmatch(pattern, f"{dag_id}.{task_id}", re.DOTALL) is not None


def allowances_in(text: str) -> tuple[Allowance, ...]:
    """Return the entries of an allow-list; a ConfigurationError names the line that is none."""
    lines = enumerate(text.splitlines(), start=1)
    return tuple(_entry(bare, number) for number, line in lines if (bare := _COMMENT.sub("", line).strip()))


def allowances_of(path: Path) -> tuple[Allowance, ...]:
    """Return the entries of a file."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"cannot read {printable(str(path), 200)} ({error.strerror})") from error
    except ValueError as error:
        raise ConfigurationError(f"{printable(str(path), 200)} is not UTF-8") from error
    if len(text) > _LARGEST:
        raise ConfigurationError(f"{printable(str(path), 200)} is too large for a list of tasks")
    return allowances_in(text)


def stale(allowances: Sequence[Allowance], tasks: Iterable[tuple[str, str]]) -> list[Allowance]:
    """Return the entries that no task is meant by."""
    named = list(tasks)
    return [entry for entry in allowances if not any(entry.covers(dag_id, task_id) for dag_id, task_id in named)]


def _entry(line: str, number: int) -> Allowance:
    found = _ENTRY.fullmatch(line)
    if found is None or ("." not in found["pattern"] and "*" not in found["pattern"]):
        raise ConfigurationError(
            f"line {number} of the allow-list is no pattern as in dag_id.task_id (* is any text): {printable(line)}"
        )
    owner = found["quoted"] if found["quoted"] is not None else found["owner"]
    return Allowance(found["pattern"], owner or "", found["reason"] or "", number)
