from __future__ import annotations

from typing import Any

from openlineage.client import facet_v2
from openlineage.client.serde import Serde

from riverhead_emitter.facets.column_lineage import MOST_COLUMNS_WITH_REPEATED_EDGES, column_lineage
from riverhead_emitter.facets.dataset import schema
from riverhead_emitter.facets.job import job_type, sql
from riverhead_emitter.facets.run import error_message, parent
from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    Dataset,
    DatasetEdge,
    Derivation,
    Field,
    Job,
    Lineage,
    Parentage,
    Run,
    Touched,
)

ORDERS, TOTALS = Dataset("postgres://db:5432", "shop.public.orders"), Dataset("file", "/totals.parquet")
TASK, DAG_RUN = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"
COLUMNS = facet_v2.column_lineage_dataset


def facts(facet: Any) -> dict[str, Any]:
    """The facet as JSON, but for who produced it and what the official client adds empty."""
    serialised = facet if isinstance(facet, dict) else Serde.to_dict(facet)
    return {name: _full(value) for name, value in serialised.items() if name != "_producer"}


def _full(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _full(item) for name, item in value.items() if name != "facets"}
    return [_full(item) for item in value] if isinstance(value, list) else value


def filtered(columns: int) -> Lineage:
    """As many columns, each copied, behind one filter."""
    return Lineage(
        columns=tuple(
            ColumnEdge(Column(TOTALS, f"c{at}"), Column(ORDERS, f"c{at}"), Derivation.IDENTITY) for at in range(columns)
        ),
        datasets=(DatasetEdge(TOTALS, Column(ORDERS, "paid"), Derivation.FILTER, "paid"),),
    )


def test_schema_is_what_the_official_client_says() -> None:
    fields = [
        facet_v2.schema_dataset.SchemaDatasetFacetFields("id", "BIGINT"),
        facet_v2.schema_dataset.SchemaDatasetFacetFields("x"),
    ]
    official = facts(facet_v2.schema_dataset.SchemaDatasetFacet(fields=fields))
    official["fields"] = [{key: value for key, value in field.items() if value != []} for field in official["fields"]]

    assert facts(schema([Field("id", "BIGINT"), Field("x")])) == official


def test_sql_is_what_the_official_client_says() -> None:
    assert facts(sql("select 1", "duckdb")) == facts(facet_v2.sql_job.SQLJobFacet("select 1", "duckdb"))
    assert facts(sql("select 1")) == facts(facet_v2.sql_job.SQLJobFacet("select 1"))


def test_error_message_is_what_the_official_client_says() -> None:
    official = facet_v2.error_message_run.ErrorMessageRunFacet

    assert facts(error_message("no", "PYTHON", "line 1")) == facts(official("no", "PYTHON", "line 1"))
    assert facts(error_message("no", "PYTHON")) == facts(official("no", "PYTHON"))


def test_job_type_is_what_the_official_client_says() -> None:
    official = facet_v2.job_type_job.JobTypeJobFacet(processingType="BATCH", integration="AIRFLOW", jobType="TASK")

    assert facts(job_type("AIRFLOW", "TASK")) == facts(official)


def test_parent_is_what_the_official_client_says() -> None:
    parents = facet_v2.parent_run
    official = parents.ParentRunFacet(
        run=parents.Run(TASK),
        job=parents.Job("air", "dag.task"),
        root=parents.Root(parents.RootRun(DAG_RUN), parents.RootJob("air", "dag")),
    )

    ours = parent(Parentage(Run(TASK, Job("air", "dag.task")), Run(DAG_RUN, Job("air", "dag"))))

    assert facts(ours) == facts(official)


def test_column_lineage_is_what_the_official_client_says() -> None:
    edges = (
        ColumnEdge(Column(TOTALS, "total"), Column(ORDERS, "amount"), Derivation.AGGREGATION, "sum(amount)"),
        ColumnEdge(Column(TOTALS, "total"), Column(ORDERS, "amount"), Derivation.CONDITIONAL, "amount > 0"),
        ColumnEdge(Column(TOTALS, "who"), Column(ORDERS, "mail"), Derivation.TRANSFORMATION, "md5(mail)", True),
    )
    amount = [
        COLUMNS.Transformation("DIRECT", "AGGREGATION", "sum(amount)", False),
        COLUMNS.Transformation("INDIRECT", "CONDITIONAL", "amount > 0", False),
    ]
    mail = [COLUMNS.Transformation("DIRECT", "TRANSFORMATION", "md5(mail)", True)]
    official = COLUMNS.ColumnLineageDatasetFacet(
        fields={
            "total": COLUMNS.Fields([COLUMNS.InputField(ORDERS.namespace, ORDERS.name, "amount", amount)]),
            "who": COLUMNS.Fields([COLUMNS.InputField(ORDERS.namespace, ORDERS.name, "mail", mail)]),
        },
        dataset=None,
    )

    ours = column_lineage(Touched(TOTALS), Lineage(columns=edges))

    assert facts(ours) == facts(official)


def test_what_decides_about_rows_is_repeated_per_column_up_to_fifty_columns() -> None:
    facet = column_lineage(Touched(TOTALS), filtered(MOST_COLUMNS_WITH_REPEATED_EDGES))

    assert facet is not None
    assert "dataset" not in facet
    assert [entry["field"] for entry in facet["fields"]["c7"]["inputFields"]] == ["c7", "paid"]


def test_above_fifty_columns_what_decides_about_rows_stands_once_for_the_dataset() -> None:
    facet = column_lineage(Touched(TOTALS), filtered(MOST_COLUMNS_WITH_REPEATED_EDGES + 1))

    assert facet is not None
    assert [entry["field"] for entry in facet["dataset"]] == ["paid"]
    assert [entry["field"] for entry in facet["fields"]["c7"]["inputFields"]] == ["c7"]


def test_an_output_of_which_no_column_is_known_still_says_what_filtered_it() -> None:
    facet = column_lineage(Touched(TOTALS), Lineage(datasets=filtered(0).datasets))

    assert facet is not None
    assert facet["fields"] == {}
    assert [entry["field"] for entry in facet["dataset"]] == ["paid"]


def test_an_output_of_which_nothing_is_known_has_no_column_lineage() -> None:
    assert column_lineage(Touched(ORDERS), filtered(3)) is None
