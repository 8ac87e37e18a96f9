"""The words of machine learning: splits, models, and what they were trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter.facets.dataset import dataset_type, dataset_version
from riverhead_emitter.facets.own.learning import Learned, Metric, dataset_split, model_version
from riverhead_emitter.lineage.arguments import count, mapping, number, text, word
from riverhead_emitter.lineage.datasets import dataset_meant
from riverhead_emitter.lineage.gaps import MisunderstoodError
from riverhead_emitter.model import Column, Dataset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riverhead_emitter.lineage.notes import Notes, Use
    from riverhead_emitter.model import Run

_REGISTRY = "models:/"


class Model(NamedTuple):
    """A model: the dataset it is, its name, and the version that its address may say."""

    dataset: Dataset
    name: str
    version: str | None


def model_meant(thing: object, namespace: str) -> Model:
    """Return the model of a name (`churn`), a registry's address (`models:/churn/3`), a path, or a dataset.

    One that is only a name is the namespace's own.
    """
    if isinstance(thing, str) and thing.startswith(_REGISTRY):
        name, _, version = thing[len(_REGISTRY) :].strip("/").partition("/")
        thing = name
    else:
        version = ""
    if isinstance(thing, str) and thing.strip() and not any(sign in thing for sign in "/\\:"):
        return Model(Dataset(f"models://{namespace}", thing.strip()), thing.strip(), version or None)
    dataset = dataset_meant(thing)
    return Model(dataset, dataset.name.rpartition("/")[2] or dataset.name, None)


def data_meant(thing: object, notes: Notes) -> Learned:
    """Return the data that somebody says a model learned from, with the version and split that are known of it."""
    if isinstance(thing, Learned):
        return Learned(dataset_meant(thing.dataset), word(thing.version), word(thing.split))
    dataset = dataset_meant(thing)
    use = notes.inputs.get(dataset) or notes.outputs.get(dataset)
    return Learned(dataset, use.version if use else None, use.split if use else None)


def note_split(use: Use, name: str, of: Dataset | None, **more: Any) -> None:
    """Note that a dataset is a split, say `train`, of another."""
    use.split = name
    use.facets["riverhead_split"] = dataset_split(name, of=of, **more)


def note_version(use: Use, version: object) -> None:
    """Note which version of a dataset is meant."""
    if version is not None:
        use.version = text(version)
        use.facets["version"] = dataset_version(use.version)


def note_model(use: Use, model: Model, version: object) -> None:
    """Note that a dataset is a model, and which version of it is used."""
    found = word(version) or model.version
    use.facets["datasetType"] = dataset_type("MODEL")
    if found is not None:
        note_version(use, found)
        use.facets["riverhead_model"] = model_version(model.name, found)


def note_trained(notes: Notes, run: Run) -> None:
    """Note of each model that the run trains on what it learned: on the data it is said to, or on all that was read."""
    read = [Learned(dataset, use.version, use.split) for dataset, use in dict(notes.inputs).items() if not use.is_model]
    for model, training in dict(notes.trainings).items():
        facet = model_version(**training.described, trained_by=run, trained_on=training.on or read)
        notes.written(model).facets["riverhead_model"] = facet


def target_meant(thing: object) -> tuple[Dataset, str | None]:
    """Return the dataset that predictions went to, and its column, if one is meant."""
    return (thing.dataset, thing.name) if isinstance(thing, Column) else (dataset_meant(thing), None)


def metric_of(name: object, value: object, step: object, split: object) -> Metric:
    """Return a figure; what is no number is refused with a sentence."""
    measured = number(value, "a metric")
    if measured is None:
        raise MisunderstoodError("a metric is a number, not None")
    return Metric(text(name), measured, count(step), word(split))


def base_meant(things: object) -> tuple[str, str] | None:
    """Return the name and the version of the model that another was tuned from."""
    if things is None:
        return None
    if not isinstance(things, (tuple, list)) or len(things) != 2:  # noqa: PLR2004 - a name and a version
        raise MisunderstoodError("a base model is a name and a version")
    return text(things[0]), text(things[1])


def shares_meant(things: object) -> Mapping[Any, Any]:
    """Return how large each part of a split is."""
    return mapping(things, "`fractions` are a mapping of the parts' names to numbers")
