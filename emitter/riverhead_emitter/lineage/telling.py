"""The verbs of a run: each notes what it is told, and none of them ever raises."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.dataset import lifecycle_state_change
from riverhead_emitter.facets.job import sql
from riverhead_emitter.facets.own.documents import Derived
from riverhead_emitter.facets.own.learning import Learned
from riverhead_emitter.facets.traffic import input_statistics, output_statistics
from riverhead_emitter.lineage.arguments import change_meant, count, mapping, number, text, word
from riverhead_emitter.lineage.calls import verb
from riverhead_emitter.lineage.columns import declared, several, wanted
from riverhead_emitter.lineage.datasets import dataset_meant, listed
from riverhead_emitter.lineage.documents import document_meant, several_documents, source_meant
from riverhead_emitter.lineage.learning import (
    base_meant,
    data_meant,
    metric_of,
    model_meant,
    note_model,
    note_split,
    note_version,
    shares_meant,
    target_meant,
)
from riverhead_emitter.lineage.notes import Training
from riverhead_emitter.model import Flow, RunState
from riverhead_emitter.plain_values import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.lineage.gaps import Gaps
    from riverhead_emitter.lineage.notes import Notes, Use
    from riverhead_emitter.model import Dataset, Run

_LARGEST_VALUE, _LONGEST_SQL = 8 << 10, 256 << 10
_ENDED = "the run has ended; tell it inside `with`"
_ELSEWHERE = "the run was begun elsewhere, and this is a copy; begin one here, with `parent=` this run"


class Telling:
    """What a run can be told. Datasets are URIs, paths, (namespace, name), or objects with one of these."""

    run: Run
    state: RunState | None
    told_too_late: int
    _pid: int
    _notes: Notes
    _gaps: Gaps
    _failures: FailureLog

    @verb
    def reads(
        self,
        *datasets: object,
        columns: object = None,
        as_: str | None = None,
        version: object = None,
        split: str | None = None,
        rows: int | None = None,
        size_bytes: int | None = None,
        files: int | None = None,
    ) -> None:
        """Note what the run reads.

        `as_` is what column lineage may call it; `columns` are the columns that it has, its schema: names, or names
        with types.
        """
        counts = self._counted("run.reads", rows, size_bytes, files)
        for use in self._uses("run.reads", datasets, self._notes.read):
            self._describe("run.reads", use, columns, version, split)
            if as_ is not None:
                use.aliases.add(text(as_))
            if any(one is not None for one in counts):
                use.traffic["inputStatistics"] = input_statistics(*counts)

    @verb
    def writes(
        self,
        *datasets: object,
        columns: object = None,
        from_: object = None,
        decided_by: object = None,
        version: object = None,
        split: str | None = None,
        rows: int | None = None,
        size_bytes: int | None = None,
        files: int | None = None,
        change: str | None = None,
    ) -> None:
        """Note what the run writes.

        `columns` says which column came from which: `{"total": ["orders.amount"]}`. `from_` are the inputs that went
        into these outputs and into no other; `decided_by` the columns that decided about rows, as a filter does;
        `change` is what was done to what was there before, as in OVERWRITE.
        """
        sources = self._gaps.understood("run.writes", dataset_meant, listed(from_))
        for source in sources:
            self._notes.read(source)
        counts = self._counted("run.writes", rows, size_bytes, files)
        done = None if change is None else self._gaps.understood_one("run.writes", change_meant, change)
        for dataset in self._datasets("run.writes", datasets):
            use = self._notes.written(dataset)
            self._describe("run.writes", use, _names(columns), version, split)
            for source in sources:
                self._notes.flows[Flow(dataset, source)] = None
            self._notes.want(wanted(dataset, columns, decided_by, self._gaps))
            if any(one is not None for one in counts):
                use.traffic["outputStatistics"] = output_statistics(*counts)
            if done is not None:
                use.facets["lifecycleStateChange"] = lifecycle_state_change(done)

    @verb
    def derives(self, document: object, from_: object, *, method: str | None = None) -> None:
        """Note that a document was made from others: each a URI, or a pair of its dataset and its name there."""
        dataset, name = document_meant(document)
        found = self._gaps.understood("run.derives", source_meant, several_documents(from_))
        for source in dict.fromkeys(source.dataset for source in found):
            self._notes.read(source)
        self._notes.derive(dataset, Derived(name, tuple(found), word(method)))

    @verb
    def parameter(self, name: object, value: object) -> None:
        """Note what the run was given."""
        key = text(name)
        self._notes.parameters[key] = self._kept(f"parameter {key}", value, _LARGEST_VALUE)

    @verb
    def parameters(self, values: Mapping[str, object]) -> None:
        """Note several parameters."""
        named = mapping(values, "parameters are a mapping of names to values")
        for name, value in self._gaps.first("run.parameters", named.items()):
            self.parameter(name, value)

    @verb
    def metric(self, name: object, value: object, *, step: int | None = None, split: str | None = None) -> None:
        """Note a figure that the run measured; `step` orders several of one name."""
        self._notes.measure(metric_of(name, value, step, split))

    @verb
    def tag(self, key: object, value: object = "true") -> None:
        """Tag the run."""
        self._notes.tags[text(key)] = text(value)

    @verb
    def sql(self, query: str, dialect: str | None = None) -> None:
        """Note the SQL that the run executed; which tables it touches is for `reads` and `writes` to say."""
        self._notes.job_facets["sql"] = sql(self._kept("run.sql", query, _LONGEST_SQL), word(dialect))

    @verb
    def splits(
        self,
        dataset: object,
        into: Mapping[str, object],
        *,
        method: str | None = None,
        seed: int | None = None,
        by: Iterable[str] | None = None,
        fractions: Mapping[str, float] | None = None,
    ) -> None:
        """Note that a dataset was split: `into={"train": "s3://…", "test": "s3://…"}`."""
        parts = mapping(into, "`into` is a mapping of the parts' names to datasets")
        whole = dataset_meant(dataset)
        self._notes.read(whole)
        deciding = None if by is None else self._gaps.understood("run.splits", text, several(by))
        shares = None if fractions is None else self._gaps.understood_one("run.splits", shares_meant, fractions)
        for name, target in self._gaps.first("run.splits", parts.items()):
            for use in self._uses("run.splits", (target,), self._notes.written):
                fraction = number((shares or {}).get(name), "a fraction")
                more = {"seed": count(seed), "by": deciding, "fraction": fraction}
                note_split(use, text(name), whole, method=word(method), **more)

    @verb
    def trains(
        self,
        model: object,
        *,
        version: object,
        on: object = None,
        framework: str | None = None,
        task: str | None = None,
        stage: str | None = None,
        registry: str | None = None,
        base_model: tuple[str, str] | None = None,
    ) -> None:
        """Note a model's version that this run made, `on` which data; by default all that it read."""
        found = model_meant(model, self.run.job.namespace)
        described: dict[str, Any] = {
            "name": found.name,
            "version": text(version),
            "framework": word(framework),
            "task": word(task),
        }
        described |= {"stage": word(stage), "registry": word(registry), "base_model": base_meant(base_model)}
        things = [on] if isinstance(on, Learned) else listed(on)
        learned = self._gaps.understood("run.trains", lambda thing: data_meant(thing, self._notes), things)
        for data in learned:
            self._describe("run.trains", self._notes.read(data.dataset), None, data.version, data.split)
        note_model(self._notes.written(found.dataset), found, version)
        self._notes.trainings[found.dataset] = Training(described, learned)

    @verb
    def predicts(
        self,
        target: object,
        *,
        with_: object,
        version: object = None,
        column: str | None = None,
        from_: object = None,
    ) -> None:
        """Note that a model wrote predictions to `target`, datasets or columns, `from_` some columns."""
        model = self._gaps.understood_one(
            "run.predicts", lambda thing: model_meant(thing, self.run.job.namespace), with_
        )
        if model is not None:
            note_model(self._notes.read(model.dataset), model, version)
        for dataset, named in self._gaps.understood(
            "run.predicts", target_meant, self._each("run.predicts", (target,))
        ):
            use, name = self._notes.written(dataset), word(column) or named
            if name is not None:
                use.columns.setdefault(name, "")
                self._notes.want(wanted(dataset, {name: from_}, None, self._gaps))

    def _kept(self, what: str, value: object, largest: int) -> Any:
        """Return as much of a value as there is room for; the first that is missing of it is named."""
        found, cuts = kept(value, largest, self._failures.redaction.beginning)
        if cuts:
            place = f" at {cuts[0].path}" if cuts[0].path else ""
            self._gaps.name(what, f"not all of it is kept: {cuts[0].why}{place}")
        return found

    def _describe(self, doing: str, use: Use, columns: object, version: object, split: object) -> None:
        listed = self._gaps.understood_one(doing, lambda thing: declared(doing, thing, self._gaps), columns)
        for name, kind in (listed or {}).items():
            use.columns[name] = kind
        note_version(use, version)
        if split is not None and use.split != split:
            note_split(use, text(split), None)

    def _uses(self, doing: str, things: Iterable[object], note: Callable[[Dataset], Use]) -> list[Use]:
        return [note(dataset) for dataset in self._datasets(doing, things)]

    def _datasets(self, doing: str, things: Iterable[object]) -> list[Dataset]:
        return self._gaps.understood(doing, dataset_meant, self._each(doing, things))

    def _each(self, doing: str, things: Iterable[object]) -> list[object]:
        """Return things and those of lists among them, one after the other; an empty list is named."""
        lists = [listed(thing) if thing is not None else [None] for thing in self._gaps.first(doing, things)]
        if not all(lists):
            self._gaps.name(doing, "an empty list names no dataset")
        return [one for several_of_them in lists for one in several_of_them]

    def _counted(self, doing: str, *things: object) -> list[int | None]:
        return [None if thing is None else self._gaps.understood_one(doing, count, thing) for thing in things]

    def _is_over(self, doing: str) -> bool:
        """Count what comes after the run has ended, or to a copy elsewhere: nobody would be told of it any more."""
        if self.state is None or (self.state is RunState.START and self._pid == os.getpid()):
            return False
        self.told_too_late += 1
        if self.told_too_late == 1:
            is_here = self.state is not RunState.START
            self._gaps.warn(doing, _ENDED if is_here else _ELSEWHERE)
        return True


def _names(columns: object) -> object:
    # Of an output, a mapping tells sources and no types.
    return iter(columns) if isinstance(columns, Mapping) else columns
