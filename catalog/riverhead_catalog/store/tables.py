"""The tables: raw events, which are the truth, and what is derived from them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)  # fmt: skip

# Raised with every change of the tables; a store of another version is refused, never guessed at.
SCHEMA_VERSION = 2

METADATA = MetaData()

meta = Table("meta", METADATA, Column("name", String, primary_key=True), Column("value", String, nullable=False))

events = Table(
    "events",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("time", BigInteger, nullable=False),
    Column("is_run", Boolean, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    # Why nothing is derived from the event, where our own code failed on it.
    Column("problem", Text),
    Index("events_by_time", "time", "digest"),
)
Index("events_not_projected", events.c.id, sqlite_where=events.c.problem.is_not(None))

contents = Table(
    "contents",
    METADATA,
    Column("address", String, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

namespaces = Table(
    "namespaces",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
)

datasets = Table(
    "datasets",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("registers", Text, nullable=False),
    UniqueConstraint("namespace", "name"),
    Index("datasets_by_name", "name"),
)

columns = Table(
    "columns",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("dataset", ForeignKey("datasets.id"), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("dataset", "name"),
)

jobs = Table(
    "jobs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("namespace", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("registers", Text, nullable=False),
    UniqueConstraint("namespace", "name"),
)

runs = Table(
    "runs",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("run", Text, nullable=False),
    Column("job", ForeignKey("jobs.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("started", BigInteger),
    Column("ended", BigInteger),
    Column("registers", Text, nullable=False),
    # A producer that uses one run id for two jobs has two runs here, so that neither hides the other.
    UniqueConstraint("run", "job"),
    Index("runs_by_job", "job", "created"),
    Index("runs_by_time", "created"),
)

shapes = Table(
    "shapes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("body", LargeBinary, nullable=False),
)

shape_datasets = Table(
    "shape_datasets",
    METADATA,
    Column("shape", ForeignKey("shapes.id"), primary_key=True),
    Column("is_output", Boolean, primary_key=True),
    Column("dataset", ForeignKey("datasets.id"), primary_key=True),
    Index("shape_datasets_by_dataset", "dataset", "is_output"),
)

# One row per way in which a source column takes part. A row without `output` decides about every row of `dataset`.
shape_columns = Table(
    "shape_columns",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("shape", ForeignKey("shapes.id"), nullable=False, index=True),
    Column("dataset", ForeignKey("datasets.id"), nullable=False, index=True),
    Column("output", ForeignKey("columns.id"), index=True),
    Column("source", ForeignKey("columns.id"), nullable=False, index=True),
    Column("how", String, nullable=False),
    Column("is_masking", Boolean, nullable=False),
    Column("expression", Text, nullable=False),
)

statements = Table(
    "statements",
    METADATA,
    Column("job", ForeignKey("jobs.id"), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("digest", String, nullable=False),
    Column("is_complete", Boolean, nullable=False),
    Column("shape", ForeignKey("shapes.id"), nullable=False),
    Index("statements_by_time", "job", "is_complete", "at", "digest"),
)

valid = Table(
    "valid",
    METADATA,
    Column("job", ForeignKey("jobs.id"), primary_key=True),
    Column("shape", ForeignKey("shapes.id"), primary_key=True, index=True),
    Column("since", BigInteger, primary_key=True),
    Column("until", BigInteger),
)
