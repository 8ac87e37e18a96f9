"""Where does this column come from? The answer as a tree of lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from riverhead_catalog.questions.short_names import legend, short_names
from riverhead_catalog.questions.words import job_in_words, kinds_in_words, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from riverhead_catalog.links import DatasetLink, Link, Trace
    from riverhead_emitter.model import Column, Dataset, Job


@dataclass(frozen=True, slots=True)
class _Step:
    """One line below a column: a source and every way in which one job uses it."""

    source: Column
    job: Job
    links: tuple[Link, ...]

    @property
    def kinds(self) -> str:
        return kinds_in_words((link.how, link.is_masking) for link in self.links) + " "

    @property
    def is_direct(self) -> bool:
        return any(link.how.is_direct for link in self.links)


def upstream_tree(trace: Trace) -> list[str]:
    """Return the tree of everything upstream of a column; what is reached twice is told once and referred to."""
    tree = _Tree(trace)
    return [*tree.lines(), "", *legend(tree.names)]


class _Tree:
    """The trace by output, and which columns have been told already."""

    def __init__(self, trace: Trace) -> None:
        self._column = trace.column
        self._told: set[Column] = set()
        self._steps = _steps_by_output(trace.links)
        self._datasets: dict[Dataset, list[DatasetLink]] = {}
        for link in trace.datasets:
            self._datasets.setdefault(link.output, []).append(link)
        self.names = short_names(_datasets_of(trace))
        jobs = [link.job for link in trace.links] + [link.job for link in trace.datasets]
        self._has_one_job_namespace = len({job.namespace for job in jobs}) == 1

    def lines(self) -> Iterator[str]:
        """Yield the tree line by line."""
        yield self._in_words(self._column) + self._maker(self._column)
        if not self._has_sources(self._column):
            yield "└─ nothing upstream of it is known"
        # Iterative on purpose: a chain of a thousand steps must not end in Python's recursion limit.
        stack = self._below(self._column, "")
        while stack:
            line, further, deeper = stack.pop()
            if further is None or not self._has_sources(further):
                yield line
            elif further in self._told:
                yield f"{line} … told above"
            else:
                yield line + self._maker(further)
                stack += self._below(further, deeper)

    def _has_sources(self, column: Column) -> bool:
        return column in self._steps or column.dataset in self._datasets

    def _below(self, column: Column, indent: str) -> list[tuple[str, Column | None, str]]:
        """Return (line, column to go on with, indent below it), the first line last."""
        self._told.add(column)
        is_one = len(self._jobs(column)) == 1
        told: list[tuple[str, Column | None]] = [
            (
                step.kinds + self._in_words(step.source) + ("" if is_one else f" by {self._called(step.job)}"),
                step.source,
            )
            for step in self._steps.get(column, [])
        ]
        told += [
            (
                f"made, in ways not recorded, from {self.names[link.source]}"
                + ("" if is_one else f" by {self._called(link.job)}"),
                None,
            )
            for link in self._datasets.get(column.dataset, [])
        ]
        last = len(told) - 1
        lines = [
            (f"{indent}{'└─' if place == last else '├─'} {line}", further, indent + ("   " if place == last else "│  "))
            for place, (line, further) in enumerate(told)
        ]
        return lines[::-1]

    def _in_words(self, column: Column) -> str:
        return f"{self.names[column.dataset]}.{plain(column.name)}"

    def _maker(self, column: Column) -> str:
        """Name the job that wrote a column, where it is one; else each step names its own."""
        jobs = self._jobs(column)
        return f" ← {self._called(next(iter(jobs)))}" if len(jobs) == 1 else ""

    def _jobs(self, column: Column) -> set[Job]:
        by_columns = {step.job for step in self._steps.get(column, [])}
        return by_columns | {link.job for link in self._datasets.get(column.dataset, [])}

    def _called(self, job: Job) -> str:
        return plain(job.name) if self._has_one_job_namespace else job_in_words(job)


def _steps_by_output(links: Iterable[Link]) -> dict[Column, list[_Step]]:
    grouped: dict[tuple[Column, Column, Job], list[Link]] = {}
    for link in links:
        grouped.setdefault((link.output, link.source, link.job), []).append(link)
    steps: dict[Column, list[_Step]] = {}
    for (output, source, job), ways in grouped.items():
        steps.setdefault(output, []).append(_Step(source, job, tuple(ways)))
    for listed in steps.values():
        listed.sort(key=lambda step: (not step.is_direct, step.source, step.job.namespace, step.job.name))
    return steps


def _datasets_of(trace: Trace) -> Iterator[Dataset]:
    yield trace.column.dataset
    for link in trace.links:
        yield link.output.dataset
        yield link.source.dataset
    for dataset_link in trace.datasets:
        yield dataset_link.output
        yield dataset_link.source
