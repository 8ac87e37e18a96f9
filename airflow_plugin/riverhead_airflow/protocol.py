"""What operators say of themselves in the official provider's ways: its methods, and extractors registered for them.

An extractor is a class with `get_operator_classnames`, made of an operator, whose `extract_on_complete` (or
`extract_on_failure`, or `extract`) returns inputs, outputs and facets. It need not inherit from the provider's.
"""

from __future__ import annotations

import importlib
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from riverhead_airflow.snapshot import Said
    from riverhead_emitter.guard import FailureLog

# So long an operator may take to say what it did; some ask a warehouse for it.
LONGEST_SECONDS = 5.0
_METHOD = "get_openlineage_facets_on_"
_SERDE = "openlineage.client.serde"
# Its methods parse the SQL that was seen running.
_SQL = "BaseSQLOperator"


class Protocol:
    """Asks operators, each in a thread, so that one that hangs costs a task's end these seconds and no more."""

    def __init__(self, extractors: Iterable[str], failures: FailureLog) -> None:
        self._paths = list(extractors)
        self._failures = failures
        self._extractors: dict[str, Any] | None = None

    def said(self, operator: Any, task_instance: Any, state: str) -> Said | None:
        """Return what an operator, or the extractor that is registered for it, says; None where neither can."""
        ask = self._ask(operator, task_instance, state)
        if ask is None:
            return None
        answers: list[Said | None] = []

        def answer() -> None:
            with guard("asking an operator for its lineage", self._failures):
                answers.append(_plain(ask()))

        thread = threading.Thread(target=answer, name="riverhead-protocol", daemon=True)
        thread.start()
        thread.join(LONGEST_SECONDS)
        if thread.is_alive():
            self._failures.record(
                "asking an operator for its lineage", TimeoutError(f"{type(operator).__name__} did not answer in time")
            )
        return answers[0] if answers else None

    def _ask(self, operator: Any, task_instance: Any, state: str) -> Callable[[], Any] | None:
        extractor = self._registered().get(type(operator).__name__)
        if extractor is not None:
            return _extraction(extractor(operator), task_instance, state)
        if any(kind.__name__ == _SQL for kind in type(operator).__mro__) or _has_sql(operator):
            return None
        ends = [f"{_METHOD}{end}" for end in (("failure", "complete") if state == "FAIL" else ("complete",))]
        ask = _first_of(operator, ends)
        if ask is not None:
            return partial(ask, task_instance)
        return _first_of(operator, [f"{_METHOD}start"])

    def _registered(self) -> dict[str, Any]:
        if self._extractors is None:
            self._extractors = {}
            for path in self._paths:
                with guard(f"loading the extractor {path}", self._failures, is_brief=True):
                    extractor = _named(path)
                    self._extractors.update(dict.fromkeys(extractor.get_operator_classnames(), extractor))
        return self._extractors


def _extraction(extractor: Any, task_instance: Any, state: str) -> Callable[[], Any]:
    ends = ("extract_on_failure", "extract_on_complete") if state == "FAIL" else ("extract_on_complete",)
    ask = _first_of(extractor, ends)
    return partial(ask, task_instance) if ask is not None else cast("Callable[[], Any]", extractor.extract)


def _first_of(asked: object, methods: Iterable[str]) -> Callable[..., Any] | None:
    found = (getattr(asked, name, None) for name in methods)
    return next((method for method in found if callable(method)), None)


def _named(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _has_sql(operator: object) -> bool:
    return isinstance(getattr(operator, "sql", None), str | list | tuple)


def _plain(lineage: Any) -> Said | None:
    """Return it in plain values; its classes are the official client's, which is loaded where one of them is."""
    if lineage is None:
        return None
    serde = sys.modules.get(_SERDE)
    plain = serde.Serde.to_dict if serde is not None else lambda value: value
    return {
        "inputs": [plain(dataset) for dataset in lineage.inputs or []],
        "outputs": [plain(dataset) for dataset in lineage.outputs or []],
        "run_facets": {name: plain(facet) for name, facet in (lineage.run_facets or {}).items()},
        "job_facets": {name: plain(facet) for name, facet in (lineage.job_facets or {}).items()},
    }
