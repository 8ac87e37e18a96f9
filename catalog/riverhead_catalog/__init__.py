"""The catalog: keeps what OpenLineage events say and answers what people ask. It never runs inside a host."""

from riverhead_catalog.links import DatasetLink, Link, Trace
from riverhead_catalog.remote import upstream

__all__ = ["DatasetLink", "Link", "Trace", "upstream"]
