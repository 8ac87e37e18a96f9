"""A process that a task starts: it tells of its own lineage."""

from __future__ import annotations

from riverhead import lineage

# Airflow reads every file of the folder.
if __name__ == "__main__":
    with lineage.run("child") as run:
        run.reads("s3://lake/in")
        run.writes("s3://lake/out")
