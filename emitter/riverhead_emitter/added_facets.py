"""Facets that the configuration adds to every event: the values of chosen environment variables, and tags. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.facets.run import environment_variables
from riverhead_emitter.facets.tags import Tag, job_tags, run_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_emitter.event import Event

# A facet that an event has already: whose list the two share, and what tells an entry of it from others.
_LISTS = {"tags": ("tags", "key"), "environmentVariables": ("environmentVariables", "name")}


def added_facets(
    variables: Mapping[str, str],
    job_pairs: Iterable[tuple[str, str]] = (),
    run_pairs: Iterable[tuple[str, str]] = (),
) -> dict[str, dict[str, Any]]:
    """Return the facets of these environment variables and tags, by the part of an event that they belong to."""
    of_job, of_run = ([Tag(key, value, "USER") for key, value in pairs] for pairs in (job_pairs, run_pairs))
    added: dict[str, dict[str, Any]] = {"run": {}, "job": {}}
    if variables:
        added["run"]["environmentVariables"] = environment_variables(variables)
    if of_run:
        added["run"]["tags"] = run_tags(of_run)
    if of_job:
        added["job"]["tags"] = job_tags(of_job)
    return {part: facets for part, facets in added.items() if facets}


def with_added(event: Event, added: Mapping[str, Mapping[str, Any]]) -> Event:
    """Return the event with these facets; of a list that it has already, the entries of the same name give way."""
    changed = {part: _extended(event[part], facets) for part, facets in added.items() if part in event}
    return {**event, **changed} if changed else event


def _extended(owner: Any, added: Mapping[str, Any]) -> Any:
    facets = owner.get("facets", {})
    return {**owner, "facets": {**facets, **{name: _merged(name, facets.get(name), added[name]) for name in added}}}


def _merged(name: str, facet: Any, added: Any) -> Any:
    key, identity = _LISTS[name]
    if not isinstance(facet, dict) or not isinstance(facet.get(key), list):
        return added
    taken = {entry[identity].lower() for entry in added[key]}
    kept = [entry for entry in facet[key] if str(entry.get(identity)).lower() not in taken]
    return {**facet, key: [*kept, *added[key]]}
