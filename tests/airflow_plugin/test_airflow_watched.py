"""Which process registers a listener, told by its command line."""

from __future__ import annotations

import pytest

from riverhead_airflow.listener import listeners_of
from riverhead_airflow.watched import lasts, reads_dags


@pytest.mark.parametrize("command", ["dag-processor", "dags reserialize", "dags list-import-errors", "dags list"])
def test_a_process_that_reads_dag_files_has_no_listener(command: str) -> None:
    before = len(listeners_of(["airflow", "dag-processor"]))

    assert len(listeners_of(["airflow", *command.split()])) == before


@pytest.mark.parametrize("command", ["scheduler", "api-server", "triggerer", "celery worker", "dags test shop", ""])
def test_every_other_process_may_have_one(command: str) -> None:
    assert not reads_dags(["airflow", *command.split()])


@pytest.mark.parametrize(("command", "is_lasting"), [("scheduler", True), ("triggerer", True), ("tasks", False)])
def test_a_drainer_leans_on_what_lasts(command: str, is_lasting: bool) -> None:
    assert lasts(["airflow", command]) is is_lasting
    assert not lasts(["airflow"])
