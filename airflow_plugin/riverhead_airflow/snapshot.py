"""What a host's objects are turned into: plain JSON facts, which are the observation's payload.

Typed dictionaries, because a task's process should pay neither for classes nor for a conversion. A change of
layout that an older interpreter would misread brings a new version here.
"""

from __future__ import annotations

from typing import Any, TypedDict

TASK, DAG_RUN, ASSET = "airflow.task", "airflow.dag_run", "airflow.asset"
# The second has what authors wrote, what a task did and used, and how it stood beside other tasks.
VERSION = 2


class Origin(TypedDict):
    """The runs that somebody outside named as parent and root, as `namespace/job/run id`."""

    parent: str | None
    root: str | None


class _Address(TypedDict):
    conn_id: str
    kind: str
    host: str | None
    port: int | None
    name: str | None
    schema: str | None
    account: str | None
    region: str | None


class Address(_Address, total=False):
    """Where a connection leads; never who logs in there. What follows `name` is missing in what older hosts kept.

    `search_path` are the schemas in which plain names are looked for, where a connection's options say so.
    """

    search_path: list[str]


class Failure(TypedDict):
    """Why a run failed."""

    message: str
    stack: str | None


class Code(TypedDict, total=False):
    """What a task's author wrote, and where it stands; `language` and `text` are of the task alone."""

    language: str
    text: str
    file: str
    root: str
    commit: str
    branch: str | None
    remote: str | None
    bundle: str
    bundle_version: str | None


class Authored(TypedDict, total=False):
    """What the author of a task or a DAG said of it; what was not said is left out."""

    owner: str
    docs: str
    docs_type: str
    description: str
    tags: list[str]
    schedule: str
    group: str
    trigger_rule: str
    retries: int
    depends_on_past: bool
    is_setup: bool
    is_teardown: bool
    is_mapped: bool
    is_deferrable: bool
    timeout_seconds: float
    upstream: list[str]
    downstream: list[str]


class Placed(TypedDict, total=False):
    """How Airflow ran a task: where it waited, and where its log is."""

    pool: str
    pool_slots: int
    queue: str
    priority_weight: int
    max_tries: int
    queued_time: str
    log_url: str
    rendered_map_index: str


class Used(TypedDict):
    """What a task's process and its children used from the task's start to its end."""

    cpu_seconds: float
    peak_memory_bytes: int


class AssetFacts(TypedDict, total=False):
    """An asset, called dataset in Airflow 2; `uri` may be a plain name."""

    uri: str
    name: str
    group: str
    is_alias: bool


class AssetSnapshot(TypedDict):
    """That an asset was filled, by somebody who is no task."""

    namespace: str
    time: str
    asset: AssetFacts


class Assets(TypedDict):
    """What a task's author says that it reads and fills."""

    inputs: list[AssetFacts]
    outputs: list[AssetFacts]


class TaskInDag(TypedDict):
    """A task as its DAG has it."""

    id: str
    operator: str
    group: str | None
    owner: str | None
    downstream: list[str]


class TaskState(TypedDict):
    """How a task instance of a DAG run ended; `seconds` is how long its last try took."""

    id: str
    map_index: int
    state: str | None
    seconds: float | None


class _Sighting(TypedDict):
    sql: str
    is_cut: bool
    kind: str
    count: int
    is_failed: bool
    rows: int | None
    job_id: str | None
    hook: str | None
    conn_id: str | None
    address: Address | None


class Sighting(_Sighting, total=False):
    """One statement, however often it ran.

    `kind` is execute, copy, callproc, insert_rows, bulk_load, bulk_dump or copy_expert. It failed where no run of it
    came to an end. The last four stand only where they say something: what a hook filled by name when no SQL was seen
    for it (then `sql` is empty), and where a hook said that its names are to be looked up.
    """

    table: str
    columns: list[str]
    default_db: str
    default_schema: str


class SeenAsset(TypedDict):
    """One asset that a hook told Airflow of; what it says more of it is text, bounded."""

    uri: str
    name: str | None
    count: int
    hook: str | None
    extra: dict[str, str]


class SeenAssets(TypedDict):
    """What a task's hooks told Airflow that they read and wrote."""

    inputs: list[SeenAsset]
    outputs: list[SeenAsset]


class SeenColumns(TypedDict):
    """The columns of tables, by the names that statements have for them, at the database of a connection."""

    conn_id: str | None
    tables: dict[str, list[str]]


class _Seen(TypedDict):
    statements: list[Sighting]
    left_out: int
    assets: SeenAssets


class Seen(_Seen, total=False):
    """What was seen of a task's work; `left_out` counts the statements that there was no more room for."""

    columns: list[SeenColumns]


class MissedDeadline(TypedDict):
    """When a DAG run was due; it was not over by then."""

    due: str
    name: str | None


class Cause(TypedDict):
    """An event of an asset that a DAG run was started for, and the task that made it, if one did."""

    uri: str
    dag_id: str | None
    task_id: str | None


class UntoldEnd(TypedDict):
    """How a try ended that no process of its own was there to tell of: it waited, or its machine was lost."""

    task_id: str
    map_index: int
    try_number: int
    operator: str
    start_time: str
    time: str
    state: str
    reason: str


class _DagRunEnd(TypedDict):
    states: list[TaskState]
    missed: list[MissedDeadline]
    causes: list[Cause]


class DagRunEnd(_DagRunEnd, total=False):
    """What Airflow's database knows at the end of a DAG run; who wrote before there was `untold` says nothing of it."""

    untold: list[UntoldEnd]


class Pull(TypedDict):
    """A task whose XCom was pulled."""

    dag_id: str
    task_id: str


class Said(TypedDict):
    """What an operator said of itself, in OpenLineage's own terms."""

    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    run_facets: dict[str, Any]
    job_facets: dict[str, Any]


class CheckFacts(TypedDict):
    """One check that an operator made of its data."""

    name: str
    check: str
    is_passed: bool
    severity: str | None
    table: str | None
    column: str | None
    expected: str | None
    actual: str | None
    content: str | None
    description: str | None


class DagRunFacts(TypedDict):
    """What identifies a DAG run, shared by both snapshots; times are ISO 8601 with their zone."""

    namespace: str
    dag_id: str
    run_id: str
    run_type: str | None
    logical_date: str | None
    run_after: str | None
    clear_number: int
    origin: Origin


class Told(TypedDict, total=False):
    """What the second version has beside what identifies a run; each is missing where it could not be read."""

    airflow: str
    interval: list[str | None]
    conf: dict[str, Any]
    triggered_by: str
    dag: Authored
    code: Code
    tasks: list[TaskInDag]
    end: DagRunEnd


class DagRunSnapshot(DagRunFacts):
    """One change of a DAG run's state."""

    state: str
    time: str
    start_time: str | None
    end_time: str | None
    failure: Failure | None
    told: Told


class ToldOfTask(Told, total=False):
    """The same of a task."""

    task: Authored
    placed: Placed
    params: dict[str, Any]
    used: Used
    assets: Assets
    seen: Seen
    said: Said
    checks: list[CheckFacts]
    pulls: list[Pull]
    due: str
    marked: str


class TaskIdentity(DagRunFacts):
    """What identifies a try of a task instance."""

    task_id: str
    try_number: int
    map_index: int


class TaskSnapshot(TaskIdentity):
    """One change of a task instance's state."""

    state: str
    time: str
    start_time: str | None
    end_time: str | None
    operator: str
    sql: list[str]
    is_sql_cut: bool
    address: Address | None
    failure: Failure | None
    told: ToldOfTask
