"""Walks that end, in any graph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from riverhead_catalog.graph import edges_reached, nodes_within

Edge = tuple[int, int]


def _sources(edges: list[Edge], start: int, depth: int = 1000) -> set[Edge]:
    return set(edges_reached([start], lambda level: [e for e in edges if e[1] in level], lambda e: e[0], depth))


def test_a_cycle_is_walked_once() -> None:
    assert _sources([(1, 2), (2, 1)], 1) == {(1, 2), (2, 1)}


def test_no_node_is_asked_about_twice() -> None:
    asked: list[int] = []
    edges = [(1, 2), (2, 1), (2, 3), (3, 1), (3, 3)]

    def edges_of(level: frozenset[int]) -> list[Edge]:
        asked.extend(level)
        return [edge for edge in edges if edge[1] in level]

    edges_reached([1], edges_of, lambda edge: edge[0])

    assert sorted(asked) == [1, 2, 3]


def test_a_diamond_brings_each_edge_once() -> None:
    diamond = [(2, 1), (3, 1), (4, 2), (4, 3)]

    assert edges_reached([1], lambda level: [e for e in diamond if e[1] in level], lambda e: e[0]) == diamond


def test_depth_zero_is_the_first_level() -> None:
    assert _sources([(2, 1), (3, 2)], 1, depth=0) == {(2, 1)}


_EDGES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=15)


@given(_EDGES)
def test_upstream_is_the_inverse_of_downstream(edges: list[Edge]) -> None:
    def nodes(start: int, near: int) -> set[int]:
        walked = edges_reached([start], lambda level: [e for e in edges if e[near] in level], lambda e: e[1 - near])
        return {edge[1 - near] for edge in walked}

    upstream = {(node, source) for node in range(7) for source in nodes(node, 1)}
    downstream = {(target, node) for node in range(7) for target in nodes(node, 0)}

    assert upstream == downstream


@given(_EDGES, st.integers(0, 6))
def test_nodes_within_reach_what_a_plain_search_reaches(edges: list[Edge], start: int) -> None:
    def neighbours(level: frozenset[int]) -> set[int]:
        return {b for a, b in edges if a in level} | {a for a, b in edges if b in level}

    waiting, seen = [start], {start}
    while waiting:
        fresh = neighbours(frozenset([waiting.pop()])) - seen
        seen |= fresh
        waiting += fresh

    assert nodes_within([start], neighbours) == seen
