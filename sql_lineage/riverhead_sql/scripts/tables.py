"""Which datasets a statement touches, when its columns cannot be traced: never nothing, never a guess."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from riverhead_emitter.model import Lineage, Touched
from riverhead_sql.query.relations import Derived, Stored
from riverhead_sql.statements.files import literal_paths, settle_files

if TYPE_CHECKING:
    from riverhead_emitter.model import Dataset, Unresolved
    from riverhead_sql.scripts.session import Session


def datasets_only(statement: exp.Expr, session: Session, *reasons: Unresolved) -> Lineage:
    """Return what a statement reads and writes as whole datasets, with the reasons why it is not more."""
    settle_files(statement, session.names.database)
    ctes = list(statement.find_all(exp.CTE))
    names = {cte.alias for cte in ctes}
    writes = [statement, *(cte.this for cte in ctes)]
    targets = [target for write in writes if (target := _target(write)) is not None]
    target_ids = {id(target) for target in targets}
    read: dict[Dataset, None] = {}
    for table in statement.find_all(exp.Table):
        if id(table) in target_ids or (not table.db and table.name in names) or not table.name:
            continue
        read.update(_datasets(table, session))
    written = {dataset: None for target in targets for dataset in _datasets(target, session, is_written=True)}
    if isinstance(statement, exp.Copy):
        files = {session.path(path): None for file in statement.args.get("files") or [] for path in literal_paths(file)}
        (read if statement.args.get("kind") else written).update(files)
    return Lineage(
        inputs=tuple(Touched(dataset) for dataset in read),
        outputs=tuple(Touched(dataset) for dataset in written),
        unresolved=reasons,
    )


def _target(statement: exp.Expr) -> exp.Table | None:
    if isinstance(statement, exp.Copy) and not statement.args.get("kind"):
        return None
    if not isinstance(statement, (exp.Insert, exp.Create, exp.Copy, exp.Update, exp.Delete, exp.Merge)):
        return None
    node = statement.this
    while isinstance(node, (exp.Schema, exp.Into)):
        node = node.this
    return node if isinstance(node, exp.Table) else None


def _datasets(table: exp.Table, session: Session, *, is_written: bool = False) -> dict[Dataset, None]:
    """A temporary table stands for what it was made from, and is nothing to anybody else when written."""
    relation = session.relation(session.names.folded(table))
    if isinstance(relation, Stored):
        return dict.fromkeys(relation.datasets)
    return dict(relation.datasets) if isinstance(relation, Derived) and not is_written else {}
