"""Operators and extractors that go wrong in every way when they are asked for their lineage."""

from __future__ import annotations

import time
from typing import Any

from airflow.providers.common.compat.sdk import BaseOperator

try:
    # Airflow 2 starts no process for its own only.
    from airflow.operators.empty import EmptyOperator
except ImportError:
    from airflow.providers.standard.operators.empty import EmptyOperator


class _Works(BaseOperator):  # type: ignore[misc]  # Airflow is never installed beside the type checker
    """Does its work, which is nothing."""

    def execute(self, context: Any) -> str:
        del context
        return "done"


class ExtractedOperator(_Works):
    """Its extractor fails."""


class RaisingOperator(_Works):
    """Fails when it is asked."""

    def get_openlineage_facets_on_complete(self, _task_instance: Any) -> Any:
        raise RuntimeError("the operator does not know")


class HangingOperator(_Works):
    """Does not answer when it is asked."""

    def get_openlineage_facets_on_complete(self, _task_instance: Any) -> Any:
        time.sleep(600)


class NonsenseOperator(_Works):
    """Answers what is no lineage."""

    def get_openlineage_facets_on_complete(self, _task_instance: Any) -> Any:
        return ["\ud800", object(), 7]


class LeavingOperator(_Works):
    """Means to end the process when it is asked."""

    def get_openlineage_facets_on_complete(self, _task_instance: Any) -> Any:
        raise SystemExit(9)


class NumberedOperator(EmptyOperator):  # type: ignore[misc]  # nor is its EmptyOperator
    """One of many, that no process is started for."""

    def __init__(self, *, number: int, **options: Any) -> None:
        super().__init__(**options)
        self.number = number


class BrokenExtractor:
    """Fails when it is asked."""

    def __init__(self, operator: Any) -> None:
        self.operator = operator

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        return ["ExtractedOperator"]

    def extract_on_complete(self, _task_instance: Any) -> Any:
        raise ValueError("the extractor is broken")
