"""What the author of a DAG or a task said of it: owners, documentation, tags, neighbours, assets. Reads, no more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from riverhead_airflow.texts import kept, word
from riverhead_emitter.redaction import REDACTION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_airflow.snapshot import AssetFacts, Assets, Authored, TaskInDag
    from riverhead_emitter.redaction import Redaction

_MOST_DOCS = 16 << 10
# A DAG of thousands of tasks names more neighbours than anybody reads in one task's event.
_MOST_NAMES = 500
# As Airflow's own fields for documentation say what they hold.
_DOCS = {
    "doc_md": "text/markdown",
    "doc": "text/plain",
    "doc_rst": "text/x-rst",
    "doc_json": "application/json",
    "doc_yaml": "application/x-yaml",
}
_ALIAS = "Alias"


def dag_said(dag: object, redaction: Redaction) -> Authored:
    """Return what is said of a DAG."""
    return _known(
        owner=_word(getattr(dag, "owner", None)),
        **_docs(dag, redaction),
        description=_text(getattr(dag, "description", None), redaction),
        tags=_words(getattr(dag, "tags", None)) or None,
        schedule=_schedule(dag),
    )


def task_said(operator: object, redaction: Redaction) -> Authored:
    """Return what is said of a task."""
    timeout = getattr(operator, "execution_timeout", None)
    rule = getattr(operator, "trigger_rule", None)
    return _known(
        owner=_word(getattr(operator, "owner", None)),
        **_docs(operator, redaction),
        group=_word(getattr(getattr(operator, "task_group", None), "group_id", None)),
        trigger_rule=_word(getattr(rule, "value", rule)),
        retries=_whole(getattr(operator, "retries", None)),
        timeout_seconds=timeout.total_seconds() if isinstance(timeout, timedelta) else None,
        upstream=_words(getattr(operator, "upstream_task_ids", None)) or None,
        downstream=_words(getattr(operator, "downstream_task_ids", None)) or None,
        depends_on_past=_true(operator, "depends_on_past"),
        is_setup=_true(operator, "is_setup"),
        is_teardown=_true(operator, "is_teardown"),
        is_mapped=_true(operator, "_BaseOperator__from_mapped"),
        is_deferrable=_true(operator, "deferrable"),
    )


def tasks_of(dag: object) -> list[TaskInDag]:
    """Return a DAG's tasks, as many as anybody can look at."""
    told = [(task, task_said(task, REDACTION)) for task in list(getattr(dag, "tasks", ()))[:_MOST_NAMES]]
    return [
        {
            "id": word(str(getattr(task, "task_id", ""))),
            "operator": word(str(getattr(task, "task_type", type(task).__name__))),
            "group": said.get("group"),
            "owner": said.get("owner"),
            "downstream": said.get("downstream", []),
        }
        for task, said in told
    ]


def assets_of(operator: object) -> Assets:
    """Return the assets that a task's author says it reads and fills."""
    return {
        "inputs": _assets(getattr(operator, "inlets", None)),
        "outputs": _assets(getattr(operator, "outlets", None)),
    }


def assets_added(outlet_events: Any) -> list[AssetFacts]:
    """Return the assets that a task added to the aliases among its outlets while it worked."""
    found: list[AssetFacts] = []
    for accessor in list(getattr(outlet_events, "_dict", {}).values())[:_MOST_NAMES]:
        events = getattr(accessor, "asset_alias_events", None) or getattr(accessor, "dataset_alias_events", None)
        for event in events or ():
            key = getattr(event, "dest_asset_key", None)
            uri = getattr(event, "dest_dataset_uri", None) if key is None else getattr(key, "uri", None)
            found.append(cast("AssetFacts", _known(uri=_word(uri), name=_word(getattr(key, "name", None)))))
    return found[:_MOST_NAMES]


def asset_facts(asset: object) -> AssetFacts | None:
    """Return what identifies an asset; None for something else that stands among inlets or outlets."""
    kind = type(asset).__name__
    uri, name = getattr(asset, "uri", None), getattr(asset, "name", None)
    if not isinstance(uri, str) and not (isinstance(name, str) and "Asset" in kind):
        return None
    facts = _known(
        uri=_word(uri), name=_word(name), group=_word(getattr(asset, "group", None)), is_alias=_ALIAS in kind or None
    )
    return cast("AssetFacts", facts)


def plain_params(held: Any, conf: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return parameters' values as their author and the run's conf have them; nothing is resolved or checked."""
    # Airflow's own mapping checks a value when it is asked for it, unless it is asked for the parameter.
    read = getattr(held, "get_param", None) or getattr(held, "get", None)
    values: dict[str, Any] = {}
    names = list(held)[:_MOST_NAMES] if held and read else []
    for name in names:
        param = held[name] if read is None else read(name)
        value = getattr(param, "value", param)
        # A parameter without a value holds a mark of Airflow's own.
        if isinstance(value, str | int | float | bool | list | dict | None):
            values[name] = value
    return {name: (conf or {}).get(name, value) for name, value in values.items()}


def _assets(listed: object) -> list[AssetFacts]:
    found = [asset_facts(asset) for asset in list(listed)[:_MOST_NAMES]] if isinstance(listed, list | tuple) else []
    return [facts for facts in found if facts is not None]


def _docs(said: object, redaction: Redaction) -> dict[str, Any]:
    for name, kind in _DOCS.items():
        text = _text(getattr(said, name, None), redaction)
        if text:
            return {"docs": text, "docs_type": kind}
    return {}


def _schedule(dag: object) -> str | None:
    # The serialised DAG has a summary, a DAG as its author wrote it has what was written.
    for name in ("timetable_summary", "schedule_interval", "schedule"):
        said = getattr(dag, name, None)
        if isinstance(said, str | timedelta):
            return _word(str(said))
    return None


def _known(**said: Any) -> Authored:
    return cast("Authored", {name: value for name, value in said.items() if value is not None})


def _true(said: object, name: str) -> bool | None:
    """Most tasks are none of these: what is not true is not written down."""
    return True if getattr(said, name, False) is True else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _word(value: object) -> str | None:
    return word(value) if isinstance(value, str) and value else None


def _text(value: object, redaction: Redaction) -> str | None:
    return kept(value, _MOST_DOCS, redaction) if isinstance(value, str) else None


def _words(values: object) -> list[str]:
    """Return names in an order that does not change from one process to the next."""
    if not isinstance(values, set | frozenset | list | tuple):
        return []
    return sorted(word(value) for value in _first(cast("Iterable[object]", values)) if isinstance(value, str))


def _first(values: Iterable[object]) -> list[object]:
    return sorted(values, key=str)[:_MOST_NAMES]
