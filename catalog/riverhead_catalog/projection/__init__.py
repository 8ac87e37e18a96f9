"""OpenLineage events → facts and shapes: pure, idempotent, and free of the order of delivery."""

from riverhead_catalog.projection.event import Projected, as_it_came, project
from riverhead_catalog.projection.validation import problems

__all__ = ["Projected", "as_it_came", "problems", "project"]
