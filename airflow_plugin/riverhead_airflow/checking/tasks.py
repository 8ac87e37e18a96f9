"""A host's operator → what is to be known of it; reads, and understands nothing."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from riverhead_airflow.addresses import address_of
from riverhead_airflow.checking.code_clues import clues_of
from riverhead_airflow.checking.facts import TaskFacts
from riverhead_airflow.spark_jobs import takes_listener
from riverhead_airflow.texts import statements, word
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_airflow.addresses import Connections
    from riverhead_airflow.snapshot import Address

# A connection that is another one for each instance of a mapped task, or that another task names.
_LATE = "{{ at run time }}"
# The classes that every operator inherits from.
_OF_ALL = ("airflow.models.", "airflow.sdk.", "airflow.template.", "airflow.utils.")
_PROTOCOL = ("get_openlineage_facets_on_start", "get_openlineage_facets_on_complete")


class TaskReader:
    """Reads the operators of one DAG; `taken` are the tasks whose results another one takes."""

    def __init__(
        self,
        host: Connections,
        xcom_class: Any,
        extractors: Mapping[str, str],
        taken: frozenset[str],
        *,
        attaches_spark: bool = False,
    ) -> None:
        self._host = host
        self._xcom_class = xcom_class
        self._extractors = extractors
        self._taken = taken
        self._attaches_spark = attaches_spark

    def facts_of(self, operator: Any, dag_id: str, file: str, line: int | None) -> TaskFacts:
        """Return what an operator is and has, whether it is mapped or not."""
        kind = class_of(operator)
        texts, is_late, missing = _sql_of(operator, self._xcom_class)
        sql, is_cut = statements(texts, REDACTION)
        conn_id = _conn_id(operator, kind)
        return TaskFacts(
            dag_id=dag_id,
            task_id=word(str(operator.task_id)),
            operator=word(str(getattr(operator, "operator_name", None) or kind.__name__)),
            classes=tuple(word(f"{known.__module__}.{known.__name__}") for known in kind.__mro__[:-1]),
            owners=owners_in(str(operator.owner)),
            file=file,
            line=line,
            sql=tuple(sql),
            is_sql_cut=is_cut,
            is_sql_late=is_late,
            missing_sql_file=word(missing),
            conn_id=word(conn_id),
            address=_address_of(operator, kind, self._host) if conn_id and conn_id != _LATE else None,
            extractor=word(self._extractors.get(kind.__name__, "")),
            has_protocol=any(hasattr(kind, name) for name in _PROTOCOL),
            clues=clues_of(*_works_of(operator, kind)),
            inlets=len(list(operator.inlets or ())),
            outlets=len(list(operator.outlets or ())),
            takes_from=tuple(sorted(set(givers(operator, self._xcom_class)))),
            hands_on=str(operator.task_id) in self._taken,
            ends_from_trigger=_fact(operator, "end_from_trigger") is True,
            is_job_listened_to=self._attaches_spark
            and takes_listener(kind, _fact(operator, "application") or _fact(operator, "_application")),
        )


def class_of(operator: Any) -> type:
    """Return the class that does the work; a mapped operator stands for it."""
    found = getattr(operator, "operator_class", None)
    return found if isinstance(found, type) else type(operator)


def givers(operator: Any, xcom_class: Any) -> Iterator[str]:
    """Yield the tasks whose results an operator takes, in any of its fields."""
    fields = [_fact(operator, name) for name in operator.template_fields]
    mapped = [*_mapped(operator), getattr(operator, "partial_kwargs", {})]
    for giver, _key in xcom_class.iter_xcom_references([*fields, *mapped]):
        yield str(giver.task_id)


def owners_in(text: str) -> tuple[str, ...]:
    """Return the owners that Airflow keeps as one text."""
    return tuple(word(owner.strip()) for owner in text.split(",") if owner.strip())


def _mapped(operator: Any) -> list[Any]:
    """Return what a mapped operator is expanded over: mappings, or what yields them while the DAG runs."""
    inputs: Iterator[Any] = (getattr(operator, name, None) for name in ("expand_input", "op_kwargs_expand_input"))
    return [found.value for found in inputs if hasattr(found, "value")]


def _fact(operator: Any, name: str) -> Any:
    """Return a field of an operator, of a mapped one what all its instances share, or the values that they get."""
    shared = getattr(operator, "partial_kwargs", None)
    if not isinstance(shared, dict):
        return getattr(operator, name, None)
    if name in shared:
        return shared[name]
    for expanded in _mapped(operator):
        if isinstance(expanded, dict) and name in expanded:
            return expanded[name]
        if isinstance(expanded, (list, tuple)):
            values = [one[name] for one in expanded if isinstance(one, dict) and name in one]
            if values:
                return values
    return _defaults(operator, shared).get(name)


def _defaults(operator: Any, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that a mapped operator's instances get from its DAG."""
    of_dag = getattr(getattr(operator, "dag", None), "default_args", None)
    return {**(of_dag or {}), **(shared.get("default_args") or {})}


def _sql_of(operator: Any, xcom_class: Any) -> tuple[list[str], bool, str]:
    """Return the SQL texts, whether more is made while the DAG runs, and a file of SQL that is not there."""
    said = _fact(operator, "sql")
    if said is None:
        return [], _is_sql_made(operator), ""
    values = [said] if isinstance(said, (str, xcom_class)) or callable(said) else _listed(said)
    texts, missing = [], ""
    for value in _flat(values):
        if isinstance(value, str):
            text = _of_file(operator, value)
            texts += [] if text is None else [text]
            missing = missing or (value if text is None else "")
    # A list of nothing is as empty as a text of nothing, and neither is as if nobody had been asked for SQL.
    return texts if _flat(values) else [""], any(not isinstance(value, str) for value in _flat(values)), missing


def _is_sql_made(operator: Any) -> bool:
    """True for a mapped SQL operator whose keywords, `sql` among them, another task hands to it."""
    has_sql = "sql" in tuple(getattr(class_of(operator), "template_fields", ()))
    return has_sql and any(not isinstance(expanded, (dict, list, tuple)) for expanded in _mapped(operator))


def _listed(said: Any) -> list[Any]:
    return list(said) if isinstance(said, (list, tuple, set, dict)) else [said]


def _flat(values: list[Any]) -> list[Any]:
    return [inner for value in values for inner in (value if isinstance(value, (list, tuple)) else (value,))]


def _of_file(operator: Any, text: str) -> str | None:
    """Return the SQL that a text is or names; None for a name behind which there is nothing."""
    endings = tuple(getattr(class_of(operator), "template_ext", ()))
    if not endings or not text.endswith(endings) or any(letter.isspace() for letter in text.strip()):
        return text
    try:
        environment = operator.get_template_env()
        return str(environment.loader.get_source(environment, text)[0])
    except (LookupError, OSError, ValueError):  # Jinja's own word for a template that is not there is a LookupError
        return None


def _conn_id(operator: Any, kind: type) -> str:
    found = _fact(operator, str(getattr(kind, "conn_id_field", "conn_id")))
    return found if isinstance(found, str) else _LATE if found else ""


def _address_of(operator: Any, kind: type, host: Connections) -> Address | None:
    return address_of(_settled(operator, kind), host, os.environ, may_ask=False)


def _settled(operator: Any, kind: type) -> object:
    """Return what has an operator's fields as attributes; of a mapped one those that all its instances share."""
    shared = getattr(operator, "partial_kwargs", None)
    if not isinstance(shared, dict):
        return operator
    field = getattr(kind, "conn_id_field", "conn_id")
    return SimpleNamespace(**{"conn_id_field": field, **_defaults(operator, shared), **shared})


def _works_of(operator: Any, kind: type) -> Iterator[object]:
    """Yield the functions that do the work: a person's own, and those of the operator's class."""
    yield _fact(operator, "python_callable")
    for known in kind.__mro__[:-1]:
        if not f"{known.__module__}.".startswith(_OF_ALL):
            yield from (value for value in vars(known).values() if callable(value) or isinstance(value, staticmethod))
