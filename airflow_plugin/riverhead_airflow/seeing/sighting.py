"""What is told of a task's work at its databases: plain JSON facts, as in the room's `snapshot`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import Address


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


class AssetFact(TypedDict):
    """One asset that a hook told Airflow's collector about; what it says more of it is text, bounded."""

    uri: str
    name: str | None
    count: int
    hook: str | None
    extra: dict[str, str]


class Assets(TypedDict):
    """What the hooks of one task read and wrote, by their own words."""

    inputs: list[AssetFact]
    outputs: list[AssetFact]


class Taken(TypedDict):
    """Everything seen of one task; `left_out` counts the statements that there was no more room for."""

    statements: list[Sighting]
    left_out: int
    assets: Assets
