"""One statement's lineage as a tree: what it wrote, where each column came from, what decided about the rows."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

from riverhead_emitter.drawing.lines import BOLD, DIM, GREEN, INDENT, YELLOW, Branch, Piece, width_of, width_of_all
from riverhead_emitter.drawing.uses import below, beside, called, column_name, lines_of, told, uses_of
from riverhead_emitter.model import Dataset, Derivation
from riverhead_emitter.printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riverhead_emitter.model import ColumnEdge, Field, Lineage, Touched, Unresolved

_MOST_SHOWN = 20
_WIDEST_NAME = 24
_LONGEST_WHAT, _LONGEST_WHY = 60, 300
_ARROW = Piece(" ← ", DIM)


class View(NamedTuple):
    """How much is shown: how wide a line may be, and whether nothing is folded."""

    width: int
    is_whole: bool = False


def trees_of(lineage: Lineage, view: View) -> list[Branch]:
    """Return what one statement did as a tree for each dataset that it wrote; none if it moved nothing."""
    unresolved = list(_not_resolved(lineage.unresolved, view))
    if not lineage.outputs and not lineage.inputs:
        return unresolved
    heads = [_written(output, lineage, view) for output in lineage.outputs]
    if not heads:
        read = [touched.dataset for touched in lineage.inputs]
        heads = [_headed(Piece("(nothing that stays)", DIM), read, [], view)]
    last = heads[-1]
    return [*heads[:-1], last._replace(below=(*last.below, *unresolved))]


def folded(branches: Sequence[Branch], what: str, view: View) -> list[Branch]:
    """Return branches, or the first of them and how many more there are."""
    more = len(branches) - _MOST_SHOWN
    if view.is_whole or more <= 0:
        return list(branches)
    return [*branches[:_MOST_SHOWN], Branch((Piece(f"… {counted(more, f'more {what}')} (--all)", DIM),))]


def _written(output: Touched, lineage: Lineage, view: View) -> Branch:
    edges: dict[str, list[ColumnEdge]] = {field.name: [] for field in output.fields}
    for edge in lineage.columns:
        if edge.output.dataset == output.dataset:
            edges.setdefault(edge.output.name, []).append(edge)
    fields = {field.name: field for field in output.fields}
    place = min(max((width_of(column_name(name)) for name in edges), default=1), _WIDEST_NAME)
    columns = [
        _column(name, uses, _without_source(fields.get(name), lineage), place, view) for name, uses in edges.items()
    ]
    branches = [*_stars(output.dataset, lineage, place), *folded(columns, "column", view)]
    deciding = list(_rows(output.dataset, lineage, view))
    if deciding:
        branches.append(Branch((Piece("rows decided by"),), tuple(folded(deciding, "reason", view))))
    return _headed(Piece(called(output.dataset), BOLD), _read_for(output.dataset, lineage), branches, view)


def _headed(name: Piece, read: Sequence[Dataset], branches: Sequence[Branch], view: View) -> Branch:
    """Return the tree of a dataset with what it was made from beside it, or below it where that is much."""
    if not read:
        return Branch((name,), tuple(branches))
    names = [(Piece(called(dataset)),) for dataset in read]
    room = view.width - width_of(name.text) - width_of(_ARROW.text)
    (first, *more) = lines_of(Piece(""), names, room, is_whole=view.is_whole)
    if more:
        lines = lines_of(Piece("reads", DIM), names, view.width - INDENT, is_whole=True)
        return Branch((name,), (*(Branch(line) for line in lines), *branches))
    return Branch((name, Piece(_ARROW.text.rstrip(), DIM), *first), tuple(branches))


def _column(name: str, edges: Sequence[ColumnEdge], without: str, place: int, view: View) -> Branch:
    shown = column_name(name)
    head = (Piece(shown, BOLD), Piece(" " * (place - width_of(shown) + 2)))
    uses = uses_of(edges)
    if not uses:
        return Branch((*head, Piece(without, DIM)))
    if len(uses) == 1:
        line = beside(uses[0], view.width - INDENT - width_of_all(head))
        if line is not None:
            return Branch((*head, *line))
    room = view.width - 2 * INDENT
    if len({use.expression for use in uses}) == 1:
        lines = [line for use in uses for line in below(use, room, is_whole=view.is_whole)]
        return Branch((*head, uses[0].text), tuple(lines))
    return Branch(head, tuple(line for use in uses for line in told(use, room, is_whole=view.is_whole)))


def _without_source(field: Field | None, lineage: Lineage) -> str:
    """Say of a column without edges what it is: declared with a type, a constant, or one that could not be traced."""
    if field is not None and field.type and not lineage.inputs:
        return printable(field.type)
    return "no source column known" if lineage.unresolved else "from no column"


def _stars(output: Dataset, lineage: Lineage, place: int) -> Iterator[Branch]:
    """Yield what went over as a whole, its columns unknown."""
    for flow in lineage.flows:
        if flow.output == output and flow.how is Derivation.IDENTITY and isinstance(flow.source, Dataset):
            head = (Piece("*", BOLD), Piece(" " * (place + 1)))
            yield Branch((*head, Piece("all columns copied from ", GREEN), Piece(called(flow.source))))


def _rows(output: Dataset, lineage: Lineage, view: View) -> Iterator[Branch]:
    edges = [edge for edge in lineage.datasets if edge.output == output]
    for use in uses_of(edges):
        yield from told(use, view.width - 2 * INDENT, is_whole=view.is_whole)


def _read_for(output: Dataset, lineage: Lineage) -> list[Dataset]:
    """Return what an output was made from; where a statement writes several, what its own edges name."""
    read = [touched.dataset for touched in lineage.inputs]
    if len(lineage.outputs) == 1:
        return read
    named = {edge.source.dataset for edge in lineage.columns if edge.output.dataset == output}
    named |= {edge.source.dataset for edge in lineage.datasets if edge.output == output}
    named |= {flow.source for flow in lineage.flows if flow.output == output and isinstance(flow.source, Dataset)}
    return [dataset for dataset in read if dataset in named]


def _not_resolved(unresolved: Sequence[Unresolved], view: View) -> Iterator[Branch]:
    """Yield what could not be traced; what has the same reason stands together."""
    by_reason: dict[str, list[tuple[Piece, ...]]] = {}
    for reason in unresolved:
        what = printable(" ".join(reason.what.split()), _LONGEST_WHAT)
        by_reason.setdefault(printable(reason.why, _LONGEST_WHY), []).append((Piece(what),))
    for why, whats in by_reason.items():
        room = view.width - 2 * INDENT
        *before, last = lines_of(Piece("not resolved:", YELLOW), whats, room, is_whole=view.is_whole)
        yield from (Branch(line) for line in before)
        said = Piece(f" – {why}")
        if width_of_all((*last, said)) <= room:
            yield Branch((*last, said))
        else:
            yield Branch(last, tuple(Branch((Piece(line),)) for line in textwrap.wrap(why, room)))
