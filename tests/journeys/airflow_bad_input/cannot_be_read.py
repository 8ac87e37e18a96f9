"""A DAG file that nobody can read."""

raise RuntimeError("this file is broken")
