"""Names as short as they are unambiguous among those of one answer, with a legend that says what each stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_catalog.questions.words import dataset_in_words, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from riverhead_emitter.model import Dataset


def short_names(datasets: Iterable[Dataset]) -> dict[Dataset, str]:
    """Return the last part of each name, more of it where two would be called the same, all of it at the most."""
    names: dict[Dataset, str] = {}
    pending, length = sorted(set(datasets)), 1
    while pending:
        called = {dataset: _last_parts(dataset.name, length) for dataset in pending}
        taken = [*called.values(), *names.values()]
        for dataset, name in called.items():
            if name == dataset.name or taken.count(name) == 1:
                names[dataset] = dataset_in_words(dataset) if taken.count(name) > 1 else plain(name)
        pending, length = [dataset for dataset in pending if dataset not in names], length + 1
    return names


def legend(names: Mapping[Dataset, str]) -> list[str]:
    """Return one line per dataset, the short name before the whole one."""
    width = max((len(name) for name in names.values()), default=0)
    return [f"{name:<{width}}  {dataset_in_words(dataset)}" for dataset, name in sorted(names.items(), key=_by_name)]


def _by_name(named: tuple[Dataset, str]) -> tuple[str, Dataset]:
    return named[1], named[0]


def _last_parts(name: str, length: int) -> str:
    sign = "/" if "/" in name else "."
    return sign.join(name.split(sign)[-length:])
