"""The Airflow room: a plugin that observes tasks and DAG runs, and what those observations mean.

Airflow finds it by itself through the entry point `airflow.plugins`; there is nothing to import in a DAG.
"""

__all__: list[str] = []
