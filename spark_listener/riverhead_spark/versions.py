"""Which version of a lake's table a write made, from what the table told when the write had ended. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from riverhead_emitter import naming
from riverhead_emitter.facets.dataset import dataset_version
from riverhead_emitter.facets.traffic import output_statistics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from riverhead_emitter.model import Dataset, Lineage, Touched


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a table: its id, when it was made in milliseconds, and what its maker counted."""

    id: int
    made: int
    counts: Mapping[str, Any]


def with_versions(lineage: Lineage, execution: Mapping[str, Any]) -> Lineage:
    """Return the lineage with the version that the execution made of each of its outputs."""
    made = dict(_made(execution))
    return replace(lineage, outputs=tuple(_settled(output, made.get(output.dataset)) for output in lineage.outputs))


def _made(execution: Mapping[str, Any]) -> Iterator[tuple[Dataset, Version]]:
    lakes = execution.get("lakes")
    for lake in lakes if isinstance(lakes, list) else ():
        versions = [Version(int(id_), int(made), dict(*counts)) for id_, made, *counts in lake["versions"]]
        version = version_made(versions, lake.get("before"), int(execution["ended"]))
        if version is not None:
            yield naming.location(lake["path"]), version


def version_made(versions: Sequence[Version], before: int | None, ended: int) -> Version | None:
    """Return the version that a write made, of a table's versions with the newest first.

    They come when the write has ended, so another may have written since; and the clock of a store may differ from
    the driver's, so the first version since the write began is taken where none seems to be old enough.
    """
    since: list[Version] = []
    for version in versions:
        if version.id == before:
            break
        since.append(version)
    return next((version for version in since if version.made <= ended), since[-1] if since else None)


def _settled(output: Touched, version: Version | None) -> Touched:
    if version is None:
        return output
    facets = {**output.facets, "version": dataset_version(str(version.id))}
    counted = _statistics(version.counts)
    traffic = {**({"outputStatistics": counted} if counted else {}), **output.traffic}
    return replace(output, facets=facets, traffic=traffic)


def _statistics(counts: Mapping[str, Any]) -> dict[str, Any] | None:
    rows, size, files = (_number(counts.get(f"added-{what}")) for what in ("records", "files-size", "data-files"))
    return None if rows is None and files is None else output_statistics(rows or 0, size, files)


def _number(text: object) -> int | None:
    return int(text) if isinstance(text, str) and text.isdecimal() else None
