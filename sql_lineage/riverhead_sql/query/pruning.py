"""Long chains of operators, made flat: what walks up from each column would need their length squared."""

from __future__ import annotations

from sqlglot import exp

_MOST_CHAINED = 100


def flatten_chains(query: exp.Expr) -> None:
    """Replace each operator chain of more than a hundred links by the list of its terms.

    The terms keep how they use their columns; only the chain's text is lost, which nobody could read.
    """
    for chain in [node for node in query.find_all(exp.Binary) if not _continues(node) and _is_long(node)]:
        terms = _terms(chain)
        chain.replace(exp.Tuple(expressions=terms))


def _continues(node: exp.Expr) -> bool:
    return type(node.parent) is type(node) and node.arg_key == "this"


def _is_long(node: exp.Expr) -> bool:
    link: exp.Expr | None = node
    for _ in range(_MOST_CHAINED):
        link = link.this if link is not None and type(link.this) is type(node) else None
    return link is not None


def _terms(chain: exp.Expr) -> list[exp.Expr]:
    terms: list[exp.Expr] = []
    node: exp.Expr = chain
    while type(node) is type(chain):
        terms.append(node.expression)
        node = node.this
    terms.append(node)
    return terms[::-1]
