"""What `riverhead doctor` says of Airflow's configuration: where its tasks' records go, and if commands look there.

A command that somebody types does not read that configuration, so the line is told that gives it the same settings.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from riverhead_airflow.settings import as_written, host_names, left_unread, mistakes, unreadable
from riverhead_emitter.checks import Finding
from riverhead_emitter.printable import printable
from riverhead_emitter.settings import HttpSink, settings_or_waiting, unknown_keys
from riverhead_emitter.settings.of_hosts import HostSettings
from riverhead_emitter.spool.places import directory_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from riverhead_airflow.airflow_cfg import AirflowConfiguration
    from riverhead_emitter.settings import Settings

_SPOOL, _URL, _FILE = "RIVERHEAD_SPOOL_DIR", "OPENLINEAGE_URL", "OPENLINEAGE_CONFIG"
_TRANSPORT, _IN_AIRFLOW = "OPENLINEAGE__TRANSPORT", "AIRFLOW__OPENLINEAGE__TRANSPORT"
_WITHOUT_FILE = {"RIVERHEAD_READ_CONFIG_FILE": "false"}
_LONGEST = 300


def configuration_findings(
    said: AirflowConfiguration, environment: Mapping[str, str]
) -> Iterator[Finding | HostSettings]:
    """Yield what Airflow's configuration comes to here, and the settings of its tasks; nothing where there is none."""
    if not (said.is_there or said.variables):
        if environment.get("AIRFLOW_CONFIG"):
            yield Finding("note", f"AIRFLOW_CONFIG names {_shown(said.file)}, which is not there")
        return
    for problem in said.problems:
        yield Finding("problem", f"Airflow's configuration: {printable(problem, 2 * _LONGEST)}")
    if said.problems:
        return  # what would be said of the rest is not what Airflow would do
    host = host_names(said.riverhead, said.openlineage, said.home, environment)
    for wrong in unreadable(said.riverhead, said.openlineage):
        yield Finding("problem", wrong)
    # What is wrong in the environment itself is a finding already.
    values = {key: value for key, value in environment.items() if key not in unknown_keys(environment)}
    for mistake in mistakes(host, values):
        yield Finding("problem", mistake)
    for unread in left_unread(said.openlineage, environment):
        yield Finding("note", unread)
    theirs, problem = settings_or_waiting(values, host)
    own, own_problem = settings_or_waiting(values)
    told = as_written(problem, host, environment)
    if told and told != own_problem:
        yield Finding("problem", told)
    yield from _place(theirs, said)
    if not problem and not _is_same(own, theirs):
        yield _elsewhere(own, theirs, host, values)
    yield HostSettings("Airflow's tasks", theirs, lambda sentence: as_written(sentence, host, environment))


def _place(theirs: Settings, said: AirflowConfiguration) -> Iterator[Finding]:
    if theirs.is_disabled:
        yield Finding("note", f"Airflow's tasks observe nothing: lineage is switched off ({_sources(said)})")
    yield Finding("ok", f"Airflow's tasks keep records {_where(theirs)} ({_sources(said)})")


def _sources(said: AirflowConfiguration) -> str:
    """Name what was read, without any value."""
    listed = [_shown(said.file)] if said.is_there else []
    return "read: " + ", ".join([*listed, *(printable(variable) for variable in said.variables)])


def _where(settings: Settings) -> str:
    goals = ", ".join(printable(sink.address.partition(" ")[2] or sink.address, _LONGEST) for sink in settings.sinks)
    return f"for {goals or 'nowhere yet'} in {_shown(directory_for(settings.spool_root, settings.destination))}"


def _is_same(own: Settings, theirs: Settings) -> bool:
    return (own.spool_root, own.sinks, own.filters) == (theirs.spool_root, theirs.sinks, theirs.filters)


def _elsewhere(own: Settings, theirs: Settings, host: Mapping[str, str], environment: Mapping[str, str]) -> Finding:
    line = _export(own, theirs, host, environment)
    return Finding(
        "note",
        f"riverhead's own commands do not read Airflow's configuration: typed here, they look at what is kept "
        f"{_where(own)}; " + (f"to let them use what its tasks use: {line}" if line else "name the same for them"),
    )


def _export(own: Settings, theirs: Settings, host: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Return the line after which commands would have the same settings, tried here; none of it is a secret."""
    spool = {} if own.spool_root == theirs.spool_root else {_SPOOL: str(theirs.spool_root)}
    for way in _ways(theirs, host):
        for more in ({}, _WITHOUT_FILE):
            names = {**spool, **way, **more}
            if _is_same(settings_or_waiting({**environment, **names})[0], theirs):
                told = (f"{name}={_quoted(name, value, environment)}" for name, value in names.items())
                return f"export {' '.join(told)}"
    return ""


def _ways(theirs: Settings, host: Mapping[str, str]) -> Iterator[dict[str, str]]:
    yield {}
    sink = theirs.sinks[0] if len(theirs.sinks) == 1 else None
    # Where its address shows all of it there is no secret in it.
    if isinstance(sink, HttpSink) and sink.address == f"http {sink.full_url}":
        yield {_URL: sink.url}
    for name in (_FILE, _TRANSPORT):
        if name in host:
            yield {name: host[name]}


def _quoted(name: str, value: str, environment: Mapping[str, str]) -> str:
    if name != _TRANSPORT:
        return printable(shlex.quote(value), 1_000)
    # The value may hold a key, so that it is only said where it is.
    return f'"${_IN_AIRFLOW}"' if _IN_AIRFLOW in environment else '"$(airflow config get-value openlineage transport)"'


def _shown(path: object) -> str:
    return printable(str(path), _LONGEST)
