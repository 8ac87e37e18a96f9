"""Walking lineage: breadth first over edges that somebody fetches level by level; pure.

Every node is expanded once, so cycles end and diamonds cost what they hold. A level is one question to the store,
so the walk reaches as far as lineage does, over any number of jobs and hosts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    Node = TypeVar("Node", bound=Hashable)
    Edge = TypeVar("Edge", bound=Hashable)

# Deeper than any pipeline we have met, and an end for one that grows while it is walked.
FARTHEST = 1_000


def edges_reached(
    start: Iterable[Node],
    edges_of: Callable[[frozenset[Node]], Iterable[Edge]],
    far_end: Callable[[Edge], Node],
    depth: int = FARTHEST,
) -> list[Edge]:
    """Return every edge on the way from `start`, once, nearest first; `depth` counts the levels after the first."""
    level = frozenset(start)
    expanded: set[Node] = set()
    found: dict[Edge, None] = {}
    for _ in range(depth + 1):
        if not level:
            break
        expanded |= level
        edges = list(edges_of(level))
        found.update(dict.fromkeys(edges))
        level = frozenset(far_end(edge) for edge in edges) - expanded
    return list(found)


def nodes_within(
    start: Iterable[Node], neighbours_of: Callable[[frozenset[Node]], Iterable[Node]], depth: int = FARTHEST
) -> set[Node]:
    """Return `start` and every node that is at most `depth` steps away."""
    reached = set(start)
    level = frozenset(reached)
    for _ in range(depth):
        if not level:
            break
        level = frozenset(neighbours_of(level)) - reached
        reached |= level
    return reached
