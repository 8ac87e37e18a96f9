"""What SQL that is not rendered yet says of its task's lineage; pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from riverhead_airflow.checking.depth import Depth, Source, Verdict
from riverhead_airflow.checking.stand_ins import first_template, renderings
from riverhead_emitter.errors import Unavailable
from riverhead_emitter.naming import database, database_of_jdbc
from riverhead_emitter.printable import counted, printable
from riverhead_sql import lineage_of

if TYPE_CHECKING:
    from riverhead_airflow.checking.facts import TaskFacts
    from riverhead_emitter.model import Lineage, Unresolved
    from riverhead_emitter.naming import Database

_OF_TEMPLATE = "template"
_STAR = "* of "
_BLOCKS = ("{%", "<%")
_MOST_REMEMBERED = 4096


def sql_verdict(task: TaskFacts) -> Verdict | None:
    """Return what will be known of a task by its SQL; None for a task that has none."""
    if task.missing_sql_file:
        return _unseen(
            f"its SQL file {printable(task.missing_sql_file)} is not there",
            "put it beside the DAG file, or name its folder in template_searchpath",
        )
    if task.is_sql_cut:
        return _unseen("its SQL is too long to be kept", "split it into several tasks, or give the task outlets")
    if not task.sql:
        return _late("its SQL is made while the DAG runs, and read then") if task.is_sql_late else None
    return _of_texts(task)


def _of_texts(task: TaskFacts) -> Verdict:
    if not task.conn_id:
        return _unseen("it does not say which connection its SQL goes to", "give it inlets and outlets")
    store = database_behind(task)
    if store is None and task.address is not None:
        kind = printable(task.address["kind"])
        return _unseen(f"no rule names the datasets of a connection of the kind {kind}", "give it inlets and outlets")
    verdict = _read(task.sql, store)
    return _late(verdict.reason) if task.is_sql_late and verdict.depth is Depth.COLUMNS else verdict


def database_behind(task: TaskFacts) -> Database | None:
    """Return the database that a task's connection leads to; None where it is not known here."""
    address = task.address
    if address is None:
        return None
    if address["kind"] == "jdbc":
        return database_of_jdbc(address["host"] or "")
    parts = address["kind"], address["host"], address["port"], address["name"]
    return database(*parts, schema=address["schema"], account=address["account"], region=address["region"])


@lru_cache(maxsize=_MOST_REMEMBERED)
def _read(texts: tuple[str, ...], store: Database | None) -> Verdict:
    try:
        return _of_statements(texts, lineage_of(texts, default=store).statements, store)
    except Unavailable as missing:
        return _unseen(str(missing), "install what reads SQL where this check runs")


def _of_statements(texts: tuple[str, ...], statements: tuple[Lineage, ...], store: Database | None) -> Verdict:
    if not statements:
        return _of_nothing(texts)
    unread = _unread(statements)
    if unread:
        gap = _mending_gap(texts, store)
        return _late(_known_when_rendered(gap)) if gap else _partly(statements, unread)
    late = [reason for statement in statements for reason in statement.unresolved]
    if late:
        return _late(_why_late(late[0]), _name_columns(late))
    return _complete(statements)


def _of_nothing(texts: tuple[str, ...]) -> Verdict:
    block = next((found for text in texts if (found := first_template(text)).startswith(_BLOCKS)), "")
    if block:
        return _late(_known_when_rendered(block))
    return _unseen("there is no statement in its SQL, so it tells of nothing", "write one, or take the task away")


def _mending_gap(texts: tuple[str, ...], store: Database | None) -> str:
    """Return the first template that has to be filled for the texts to be SQL; nothing, where no filling helps."""
    plain = {text: lineage_of((text,), default=store).statements for text in texts}
    broken = {text: len(statements) for text, statements in plain.items() if _unread(statements)}
    gaps = [first_template(text) for text in broken]
    is_mended = bool(gaps) and all(gaps) and all(_is_mended(text, count, store) for text, count in broken.items())
    return gaps[0] if is_mended else ""


def _is_mended(text: str, count: int, store: Database | None) -> bool:
    """True if a filling makes it SQL; one that breaks it into further statements has made nothing of what is there."""
    read = (lineage_of((rendered,), default=store).statements for rendered in renderings(text))
    return any(0 < len(statements) <= count and not _unread(statements) for statements in read)


def _complete(statements: tuple[Lineage, ...]) -> Verdict:
    coarse = [statement for statement in statements if statement.inputs and statement.outputs and _is_coarse(statement)]
    if coarse:
        output = printable(coarse[0].outputs[0].dataset.name)
        return _verdict(Depth.DATASETS, f"the columns of what {output} is made from are not in its SQL")
    if any(statement.columns or statement.datasets for statement in statements):
        return _verdict(Depth.COLUMNS, "its SQL says which column comes from which")
    if any(statement.inputs or statement.outputs for statement in statements):
        return _verdict(Depth.COLUMNS, "its SQL moves no column from one dataset to another")
    return Verdict(Depth.RUN, Source.SQL, "its SQL touches no dataset", moves_data=False)


def _is_coarse(statement: Lineage) -> bool:
    return not (statement.columns or statement.datasets)


def _partly(statements: tuple[Lineage, ...], unread: list[Unresolved]) -> Verdict:
    what, why = _short(unread[0].what), printable(unread[0].why, 200)
    more = f", and {counted(len(unread) - 1, 'more thing', 'more things')}" if len(unread) > 1 else ""
    told = any(statement.inputs or statement.outputs for statement in statements)
    advice = "give it inlets and outlets for what its SQL does not say"
    return Verdict(
        Depth.DATASETS if told else Depth.RUN,
        Source.SQL,
        f"not all of its SQL is understood: {what} – {why}{more}",
        advice,
    )


def _unread(statements: tuple[Lineage, ...]) -> list[Unresolved]:
    return [reason for statement in statements for reason in statement.unresolved if not _is_late(reason)]


def _is_late(reason: Unresolved) -> bool:
    """True for what a template or the database itself will have said by the time that the task has run."""
    return _OF_TEMPLATE in reason.why or reason.what.startswith(_STAR)


def _why_late(reason: Unresolved) -> str:
    if reason.what.startswith(_STAR):
        return f"which columns {_short(reason.what)} are, its database says while the task runs"
    return _known_when_rendered(reason.what)


def _known_when_rendered(template: str) -> str:
    return f"what stands for {_short(template)} is known only when it is rendered"


def _short(text: str) -> str:
    return printable(" ".join(text.split()), 60)


def _name_columns(late: list[Unresolved]) -> str:
    is_star = any(reason.what.startswith(_STAR) for reason in late)
    return "name the columns in place of *, and no database need be asked" if is_star else ""


def _late(reason: str, advice: str = "") -> Verdict:
    return Verdict(Depth.COLUMNS, Source.SQL, reason, advice, is_late=True)


def _verdict(depth: Depth, reason: str) -> Verdict:
    return Verdict(depth, Source.SQL, reason)


def _unseen(reason: str, advice: str) -> Verdict:
    return Verdict(Depth.RUN, Source.SQL, reason, advice)
