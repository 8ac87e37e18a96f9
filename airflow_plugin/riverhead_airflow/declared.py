"""What a task's author declared that it reads and fills: assets → datasets; pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from riverhead_emitter.errors import RiverheadError
from riverhead_emitter.model import Dataset, Lineage, Touched
from riverhead_emitter.naming import dataset_of

if TYPE_CHECKING:
    from riverhead_airflow.snapshot import AssetFacts, Assets

# Airflow takes two of three slashes away where no host stands between them.
_SHORTENED = re.compile(r"\A([a-z][a-z0-9+.-]+:)(/(?!/))", re.IGNORECASE)


def declared(assets: Assets, namespace: str) -> Lineage:
    """Return the assets as inputs and outputs; an asset that names no place is one of this Airflow's own."""
    inputs, outputs = (
        tuple(Touched(dataset) for asset in assets[side] if (dataset := dataset_of_asset(asset, namespace)) is not None)
        for side in ("inputs", "outputs")
    )
    return Lineage(inputs, outputs)


def dataset_of_asset(asset: AssetFacts, namespace: str) -> Dataset | None:
    """Return the dataset that an asset stands for; an alias stands for none, only for what is added to it."""
    uri = _SHORTENED.sub(r"\1//\2", asset.get("uri") or "", count=1)
    if asset.get("is_alias"):
        return None
    if "://" in uri:
        try:
            return dataset_of(uri)
        except (RiverheadError, ValueError):
            pass
    name = asset.get("name") or uri
    return Dataset(namespace, name) if name else None
