"""The verbs of a run: each notes what it is told, and none of them ever raises."""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from riverhead_emitter.guard import described, guard
from riverhead_emitter.lineage.columns import Wanted, declared, several, use_of
from riverhead_emitter.lineage.datasets import MisunderstoodError, dataset_meant, document_meant, source_meant
from riverhead_emitter.lineage.notes import Training
from riverhead_emitter.lineage.plain import count, number, text, word
from riverhead_emitter.model import Column, Dataset, Derivation, Flow, Unresolved
from riverhead_emitter.plain_values import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.lineage.notes import Notes, Use
    from riverhead_emitter.model import Run

Arguments = ParamSpec("Arguments")
Told = TypeVar("Told")
Found = TypeVar("Found")
log = logging.getLogger(__name__)
_MOST_GAPS = 1_000
_LARGEST_VALUE, _LONGEST_SQL = 8 << 10, 256 << 10
_MOST_PARAMETERS = 10_000


def _verb(
    method: Callable[Concatenate[Telling, Arguments], Told],
) -> Callable[Concatenate[Telling, Arguments], Told | None]:
    """Keep whatever a verb meets, even a wrong call of it, away from the code that tells."""
    doing = f"run.{method.__name__}"

    @functools.wraps(method)
    def told(self: Telling, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Told | None:
        with guard(doing, self._failures):
            try:
                return method(self, *args, **kwargs)
            except MisunderstoodError as misunderstood:
                self._gap(doing, str(misunderstood))
            except Exception as error:
                self._failed(doing, error)
                raise
        return None

    return cast("Callable[Concatenate[Telling, Arguments], Told | None]", told)


class Telling:
    """What a run can be told. Datasets are URIs, paths, (namespace, name), or objects with one of these."""

    run: Run
    _notes: Notes
    _failures: FailureLog

    @_verb
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

        `as_` is what column lineage may call it; `columns` are names, or names with types.
        """
        from riverhead_emitter.facets.traffic import input_statistics

        for use in self._uses("run.reads", datasets, self._notes.read):
            self._describe(use, columns, version, split)
            if as_ is not None:
                use.aliases.add(text(as_))
            if (rows, size_bytes, files) != (None, None, None):
                use.traffic["inputStatistics"] = input_statistics(count(rows), count(size_bytes), count(files))

    @_verb
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
        from riverhead_emitter.facets.dataset import lifecycle_state_change
        from riverhead_emitter.facets.traffic import output_statistics

        sources = self._datasets("run.writes", _listed(from_))
        for source in sources:
            self._notes.read(source)
        for dataset in self._datasets("run.writes", datasets):
            use = self._notes.written(dataset)
            self._describe(use, _names(columns), version, split)
            self._notes.flows.update(dict.fromkeys(Flow(dataset, source) for source in sources))
            self._notes.wanted += self._wanted(dataset, columns, decided_by)
            if (rows, size_bytes, files) != (None, None, None):
                use.traffic["outputStatistics"] = output_statistics(count(rows), count(size_bytes), count(files))
            if change is not None:
                use.facets["lifecycleStateChange"] = lifecycle_state_change(text(change))

    @_verb
    def derives(self, document: object, from_: object, *, method: str | None = None) -> None:
        """Note that a document was made from others: each a URI, or a pair of its dataset and its name there."""
        from riverhead_emitter.facets.own.documents import Derived

        dataset, name = document_meant(document)
        found = self._understood("run.derives", source_meant, _documents(from_))
        for source in dict.fromkeys(source.dataset for source in found):
            self._notes.read(source)
        self._notes.derive(dataset, Derived(name, tuple(found), word(method)))

    @_verb
    def parameter(self, name: object, value: object) -> None:
        """Note what the run was given."""
        key = text(name)
        if key in self._notes.parameters or len(self._notes.parameters) < _MOST_PARAMETERS:
            self._notes.parameters[key] = kept(value, _LARGEST_VALUE)[0]

    @_verb
    def parameters(self, values: Mapping[str, object]) -> None:
        """Note several parameters."""
        for name, value in values.items():
            self.parameter(name, value)

    @_verb
    def metric(self, name: object, value: object, *, step: int | None = None, split: str | None = None) -> None:
        """Note a figure that the run measured; `step` orders several of one name."""
        from riverhead_emitter.lineage.learning import metric_of

        self._notes.measure(metric_of(name, value, step, split))

    @_verb
    def tag(self, key: object, value: object = "true") -> None:
        """Tag the run."""
        self._notes.tags[text(key)] = text(value)

    @_verb
    def sql(self, query: str, dialect: str | None = None) -> None:
        """Note the SQL that the run executed; which tables it touches is for `reads` and `writes` to say."""
        from riverhead_emitter.facets.job import sql

        self._notes.job_facets["sql"] = sql(kept(query, _LONGEST_SQL)[0], word(dialect))

    @_verb
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
        from riverhead_emitter.lineage.learning import note_split

        whole = dataset_meant(dataset)
        self._notes.read(whole)
        deciding = None if by is None else [text(name) for name in several(by)]
        for name, target in into.items():
            for use in self._uses("run.splits", (target,), self._notes.written):
                more = {"seed": count(seed), "by": deciding, "fraction": number((fractions or {}).get(name))}
                note_split(use, text(name), whole, method=word(method), **more)

    @_verb
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
        from riverhead_emitter.facets.own.learning import Learned
        from riverhead_emitter.lineage.learning import data_meant, model_meant, note_model

        found = model_meant(model, self.run.job.namespace)
        described: dict[str, Any] = {
            "name": found.name,
            "version": text(version),
            "framework": word(framework),
            "task": word(task),
        }
        described |= {"stage": word(stage), "registry": word(registry), "base_model": _pair(base_model)}
        things = [on] if isinstance(on, Learned) else _listed(on)
        learned = self._understood("run.trains", lambda thing: data_meant(thing, self._notes), things)
        for data in learned:
            self._describe(self._notes.read(data.dataset), None, data.version, data.split)
        note_model(self._notes.written(found.dataset), found, version)
        self._notes.trainings.append(Training(found.dataset, described, learned))

    @_verb
    def predicts(
        self,
        target: object,
        *,
        with_: object,
        version: object = None,
        column: str | None = None,
        from_: object = None,
    ) -> None:
        """Note that a model wrote predictions to `target`, a dataset or a column, `from_` some columns."""
        from riverhead_emitter.lineage.learning import model_meant, note_model

        name = column or (target.name if isinstance(target, Column) else None)
        dataset = target.dataset if isinstance(target, Column) else dataset_meant(target)
        model = model_meant(with_, self.run.job.namespace)
        note_model(self._notes.read(model.dataset), model, version)
        use = self._notes.written(dataset)
        if name is not None:
            use.columns.setdefault(name, "")
            self._notes.wanted += self._wanted(dataset, {name: from_}, None)

    def _finish_models(self) -> None:
        from riverhead_emitter.lineage.learning import trained

        for training in self._notes.trainings:
            use = self._notes.written(training.model)
            use.facets["riverhead_model"] = trained(training, self.run, self._notes)

    def _describe(self, use: Use, columns: object, version: object, split: object) -> None:
        from riverhead_emitter.lineage.learning import note_split, note_version

        use.columns.update(declared(columns))
        note_version(use, version)
        if split is not None and use.split != split:
            note_split(use, text(split), None)

    def _wanted(self, output: Dataset, columns: object, decided_by: object) -> list[Wanted]:
        told = columns if isinstance(columns, Mapping) else {}
        wanted = [
            Wanted(output, str(name), use)
            for name, sources in told.items()
            for use in self._understood(f"column {name}", use_of, several(sources))
        ]
        for use in self._understood("decided_by", use_of, several(decided_by)):
            deciding = use._replace(how=Derivation.FILTER) if use.how.is_direct else use
            wanted.append(Wanted(output, None, deciding))
        return wanted

    def _uses(self, doing: str, things: Iterable[object], note: Callable[[Dataset], Use]) -> list[Use]:
        return [note(dataset) for dataset in self._datasets(doing, things)]

    def _datasets(self, doing: str, things: Iterable[object]) -> list[Dataset]:
        return self._understood(doing, dataset_meant, things)

    def _understood(self, doing: str, meant: Callable[[object], Found], things: Iterable[object]) -> list[Found]:
        """Return what these things mean; what means nothing is named, and the others are kept."""
        found = (self._one(doing, meant, thing) for thing in things)
        return [one for one in found if one is not None]

    def _one(self, doing: str, meant: Callable[[object], Found], thing: object) -> Found | None:
        try:
            return meant(thing)
        except MisunderstoodError as misunderstood:
            self._gap(doing, str(misunderstood))
            return None

    def _gap(self, what: str, why: str) -> None:
        if self._is_new(what, why):
            log.warning("lineage: run %r: %s: %s", self.run.job.name, what, why)

    def _failed(self, doing: str, error: Exception) -> None:
        # The guard logs it, with its trace.
        self._is_new(doing, described(error)[:500])

    def _is_new(self, what: str, why: str) -> bool:
        gap = Unresolved(what, why)
        if gap in self._notes.gaps or len(self._notes.gaps) >= _MOST_GAPS:
            return False
        self._notes.gaps[gap] = None
        return True


def _pair(things: object) -> tuple[str, str] | None:
    if things is None:
        return None
    if not isinstance(things, (tuple, list)) or len(things) != 2:  # noqa: PLR2004 - a name and a version
        raise MisunderstoodError("a base model is a name and a version")
    return text(things[0]), text(things[1])


def _names(columns: object) -> object:
    # Of an output, a mapping tells sources and no types.
    return list(columns) if isinstance(columns, Mapping) else columns


def _listed(things: object) -> list[object]:
    """Return one or several things as a list; a pair of texts is one dataset."""
    if things is None:
        return []
    is_pair = isinstance(things, tuple) and len(things) == 2 and all(isinstance(part, str) for part in things)  # noqa: PLR2004 - a namespace and a name
    is_several = isinstance(things, (list, tuple, set, frozenset)) and not is_pair
    return list(things) if is_several else [things]  # type: ignore[call-overload]  # the line before has looked


def _documents(things: object) -> list[object]:
    """Return one or several documents as a list; a pair is one document of a dataset."""
    return list(things) if isinstance(things, (list, set, frozenset)) else [things]
