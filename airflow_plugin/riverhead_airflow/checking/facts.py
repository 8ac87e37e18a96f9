"""What a DAG file says, as plain values: made where Airflow is imported, judged where it is not."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from riverhead_emitter.errors import UnreadableRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_airflow.snapshot import Address

Level: TypeAlias = Literal["problem", "note"]


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task as its file describes it; a mapped task is one."""

    dag_id: str
    task_id: str
    operator: str
    """As Airflow's pages show it: the name of its class, or @task."""
    classes: tuple[str, ...] = ()
    """Its class and those that it inherits from, with their modules, nearest first."""
    owners: tuple[str, ...] = ()
    file: str = ""
    line: int | None = None
    sql: tuple[str, ...] = ()
    is_sql_cut: bool = False
    is_sql_late: bool = False
    """Its SQL is made by another task or by a function, so nobody has it before it runs."""
    missing_sql_file: str = ""
    conn_id: str = ""
    address: Address | None = None
    extractor: str = ""
    has_protocol: bool = False
    """Its class has a method `get_openlineage_facets_on_…`."""
    clues: tuple[str, ...] = ()
    """What in its code reports lineage by itself: hooks, paths, our SDK."""
    inlets: int = 0
    outlets: int = 0
    takes_from: tuple[str, ...] = ()
    """The tasks whose results it takes."""
    hands_on: bool = False
    """Another task takes its result."""
    ends_from_trigger: bool = False
    is_job_listened_to: bool = False
    """It submits a Spark job, and our listener with it."""


@dataclass(frozen=True, slots=True)
class DagFacts:
    """A DAG and the file that it is in."""

    dag_id: str
    file: str
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to know beside the tasks: a file that cannot be read, a DAG that is there twice."""

    kind: str
    text: str
    level: Level = "problem"
    file: str = ""
    dag_id: str = ""
    task_id: str = ""
    detail: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of one file, or of all."""

    dags: tuple[DagFacts, ...] = ()
    tasks: tuple[TaskFacts, ...] = ()
    problems: tuple[Problem, ...] = ()


def as_document(facts: Facts) -> dict[str, Any]:
    """Return facts as what JSON can say."""
    return asdict(facts)


def facts_from(document: Mapping[str, Any]) -> Facts:
    """Return the facts of a document; an UnreadableRecord says that it holds none."""
    try:
        return Facts(
            tuple(DagFacts(**_frozen(found)) for found in document["dags"]),
            tuple(TaskFacts(**_frozen(found)) for found in document["tasks"]),
            tuple(Problem(**_frozen(found)) for found in document["problems"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableRecord("what was read of a DAG file does not have the form of facts") from error


def _frozen(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
