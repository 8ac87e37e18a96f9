"""The same run by the official client and its own classes; apart from ours, because it takes half a second to load."""

from __future__ import annotations

import itertools
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from events import JOB, SIZES, SOURCE, TARGET, texts_of
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, schema_dataset, sql_job
from openlineage.client.uuid import generate_new_uuid

if TYPE_CHECKING:
    from collections.abc import Callable

    from openlineage.client import OpenLineageClient


def official(client: OpenLineageClient, size: str) -> Callable[[], None]:
    """Return what tells the official client: the same facts, by its own classes."""
    columns, length = SIZES[size]
    texts = texts_of(length)
    names = [f"column_{at}" for at in range(columns)]
    runs = itertools.cycle([Run(str(generate_new_uuid())) for _ in range(100)])
    return lambda: client.emit(_event(next(runs), names, next(texts)))


def _event(run: Run, names: list[str], text: str) -> RunEvent:
    fields = [schema_dataset.SchemaDatasetFacetFields(name, "VARCHAR(40)") for name in names]
    schema = schema_dataset.SchemaDatasetFacet(fields)
    how = column_lineage_dataset.Transformation("DIRECT", "TRANSFORMATION", "", masking=False)
    lineage = column_lineage_dataset.ColumnLineageDatasetFacet(
        {
            name: column_lineage_dataset.Fields([column_lineage_dataset.InputField(*SOURCE, name, [how])])
            for name in names
        }
    )
    return RunEvent(
        eventType=RunState.COMPLETE,
        eventTime=datetime.now(timezone.utc).isoformat(),
        run=run,
        job=Job(JOB.namespace, JOB.name, {"sql": sql_job.SQLJobFacet(text)} if text else {}),
        inputs=[InputDataset(*SOURCE, facets={"schema": schema})],
        outputs=[OutputDataset(*TARGET, facets={"schema": schema, "columnLineage": lineage})],
        producer="urn:bench",
    )
