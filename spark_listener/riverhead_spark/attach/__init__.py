"""Attaching to a job that says nothing of lineage: what its processes find, and how it is started."""
