"""Every facet of OpenLineage's specification, as we build it and as the official client has it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from openlineage.client import facet_v2

from riverhead_emitter.facets import dataset, execution, job, quality, run, subset, tags, traffic
from riverhead_emitter.facets.column_lineage import column_lineage
from riverhead_emitter.facets.lineage import dataset_lineage, job_lineage
from riverhead_emitter.model import (
    Column,
    ColumnEdge,
    Dataset,
    DatasetEdge,
    Derivation,
    Field,
    Flow,
    Job,
    Lineage,
    Parentage,
    Run,
    Touched,
)
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from riverhead_emitter.facets.facet import Facet

NOON, EVENING = datetime(2026, 11, 21, 12, tzinfo=timezone.utc), "2026-11-21T18:00:00Z"
TOLD_NOON = "2026-11-21T12:00:00.000000Z"
TASK, DAG_RUN = "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a8058"
ORDERS, TOTALS = Dataset("postgres://db:5432", "shop.public.orders"), Dataset("file", "/totals.parquet")
OWN, OTHER = Job("air", "dag.task"), Job("air", "dag.other")
TESTED = ("error", "unique", "no id twice", "1", "2", "select 1", "sql")
ASSERTED = ("id", "warn", "ids", "no id twice", "1", "2", "select 1", "sql")
sets, columns, explicit = facet_v2.base_subset_dataset, facet_v2.column_lineage_dataset, facet_v2.lineage
qualities, dependencies, types = (
    facet_v2.data_quality_assertions_dataset,
    facet_v2.job_dependencies_run,
    facet_v2.job_type_job,
)


class Case(NamedTuple):
    """One facet: its key in an event, what we build and what the official client has."""

    key: str
    ours: Facet
    official: Any

    @property
    def file(self) -> str:
        """The name of the schema's file."""
        return str(self.ours["_schemaURL"]).rpartition("/facets/")[2].split("/")[1].removesuffix(".json#")


def there(facet: Facet | None) -> Facet:
    """A facet that is made here."""
    assert facet is not None
    return facet


def lineage_cases() -> list[Case]:
    amount, total, mail = Column(ORDERS, "amount"), Column(TOTALS, "total"), Column(ORDERS, "mail")
    edges = Lineage(
        inputs=(Touched(ORDERS),),
        outputs=(Touched(TOTALS),),
        columns=(
            ColumnEdge(total, amount, Derivation.AGGREGATION, "sum(amount)"),
            ColumnEdge(total, amount, Derivation.CONDITIONAL, "amount > 0"),
            ColumnEdge(Column(TOTALS, "who"), mail, Derivation.TRANSFORMATION, "md5(mail)", True),
        ),
    )
    run_of_other = Run(DAG_RUN, OTHER)
    flows = (
        *(Flow(Run(TASK, OWN), run_of_other, Derivation.IDENTITY), Flow(TOTALS, ORDERS), Flow(OWN, ORDERS)),
        Flow(run_of_other, ORDERS),
    )
    whole = Lineage((Touched(ORDERS),), (Touched(TOTALS),), edges.columns[:1], flows=flows)
    paid = Lineage(datasets=(DatasetEdge(TOTALS, amount, Derivation.FILTER, "paid"),))
    view = Lineage(columns=edges.columns[:1], datasets=paid.datasets, flows=(Flow(TOTALS, ORDERS),))
    sums = columns.Transformation("DIRECT", "AGGREGATION", "sum(amount)", False)
    conditional = columns.Transformation("INDIRECT", "CONDITIONAL", "amount > 0", False)
    masked = columns.Transformation("DIRECT", "TRANSFORMATION", "md5(mail)", True)
    filtered = columns.Transformation("INDIRECT", "FILTER", "paid", False)
    source = explicit.LineageDatasetInput(ORDERS.namespace, ORDERS.name, "DATASET")
    how = explicit.LineageTransformation("DIRECT", "AGGREGATION", "sum(amount)", False)
    field = explicit.LineageDatasetInput(ORDERS.namespace, ORDERS.name, "DATASET", "amount", [how])
    deciding = explicit.LineageTransformation("INDIRECT", "FILTER", "paid", False)
    entry = explicit.LineageDatasetEntry(
        TOTALS.namespace, TOTALS.name, "DATASET", [source], {"total": explicit.LineageFieldEntry([field])}
    )
    handed = explicit.LineageTransformation("DIRECT", "IDENTITY", "", False)
    upstream = explicit.LineageJobInput("JOB", OTHER.namespace, OTHER.name, DAG_RUN, [handed])
    return [
        Case(
            "columnLineage",
            there(column_lineage(Touched(TOTALS), edges)),
            columns.ColumnLineageDatasetFacet(
                fields={
                    "total": columns.Fields(
                        [columns.InputField(ORDERS.namespace, ORDERS.name, "amount", [sums, conditional])]
                    ),
                    "who": columns.Fields([columns.InputField(ORDERS.namespace, ORDERS.name, "mail", [masked])]),
                },
                dataset=None,
            ),
        ),
        Case(
            "columnLineage",
            there(column_lineage(Touched(TOTALS), paid)),
            columns.ColumnLineageDatasetFacet(
                fields={}, dataset=[columns.InputField(ORDERS.namespace, ORDERS.name, "amount", [filtered])]
            ),
        ),
        Case(
            "lineage",
            there(job_lineage(whole, Run(TASK, OWN))),
            explicit.LineageJobFacet(
                [
                    entry,
                    explicit.LineageJobEntry("JOB", inputs=[upstream]),
                    explicit.LineageJobEntry("JOB", inputs=[source]),
                    explicit.LineageJobEntry("JOB", OTHER.namespace, OTHER.name, DAG_RUN, [source]),
                ]
            ),
        ),
        Case(
            "lineage",
            there(dataset_lineage(TOTALS, view)),
            explicit.LineageDatasetFacet(
                [source, explicit.LineageDatasetInput(ORDERS.namespace, ORDERS.name, "DATASET", "amount", [deciding])],
                {"total": explicit.LineageFieldEntry([field])},
            ),
        ),
    ]


def run_cases() -> list[Case]:
    parents, executions = facet_v2.parent_run, facet_v2.execution_parameters_run
    errors, variables = facet_v2.extraction_error_run, facet_v2.environment_variables_run
    nominal, dependency = facet_v2.nominal_time_run, dependencies.JobDependency
    asked, documented = (
        facet_v2.external_query_run.ExternalQueryRunFacet,
        facet_v2.documentation_job.DocumentationJobFacet,
    )
    other = dependencies.JobIdentifier(OTHER.namespace, OTHER.name)
    rules = ("DIRECT_INVOCATION", "FINISH_TO_START", "EXECUTE_ON_SUCCESS")
    return [
        Case(
            "parent",
            run.parent(Parentage(Run(TASK, OWN), Run(DAG_RUN, OTHER))),
            parents.ParentRunFacet(
                run=parents.Run(TASK),
                job=parents.Job(OWN.namespace, OWN.name),
                root=parents.Root(parents.RootRun(DAG_RUN), parents.RootJob(OTHER.namespace, OTHER.name)),
            ),
        ),
        Case(
            "parent",
            run.parent(
                Parentage(Run(TASK, OWN), Run(DAG_RUN, OTHER)),
                run_facets={"externalQuery": run.external_query("q", "dbt")},
                job_facets={"documentation": job.documentation("loads")},
                root_run_facets={"externalQuery": run.external_query("r", "air")},
                root_job_facets={"documentation": job.documentation("starts")},
            ),
            parents.ParentRunFacet(
                run=parents.Run(TASK, {"externalQuery": asked("q", "dbt")}),
                job=parents.Job(OWN.namespace, OWN.name, {"documentation": documented("loads")}),
                root=parents.Root(
                    parents.RootRun(DAG_RUN, {"externalQuery": asked("r", "air")}),
                    parents.RootJob(OTHER.namespace, OTHER.name, {"documentation": documented("starts")}),
                ),
            ),
        ),
        Case(
            "errorMessage",
            run.error_message("no", "PYTHON"),
            facet_v2.error_message_run.ErrorMessageRunFacet("no", "PYTHON"),
        ),
        Case(
            "errorMessage",
            run.error_message("no", "PYTHON", "line 1"),
            facet_v2.error_message_run.ErrorMessageRunFacet("no", "PYTHON", "line 1"),
        ),
        Case(
            "processing_engine",
            run.processing_engine("spark", "4.0.1"),
            facet_v2.processing_engine_run.ProcessingEngineRunFacet("4.0.1", "spark", VERSION),
        ),
        Case("nominalTime", run.nominal_time(NOON), nominal.NominalTimeRunFacet(TOLD_NOON)),
        Case("nominalTime", run.nominal_time(NOON, EVENING), nominal.NominalTimeRunFacet(TOLD_NOON, EVENING)),
        Case(
            "externalQuery",
            run.external_query("job_123", "bigquery"),
            facet_v2.external_query_run.ExternalQueryRunFacet("job_123", "bigquery"),
        ),
        Case(
            "environmentVariables",
            run.environment_variables({"TIER": "test"}),
            variables.EnvironmentVariablesRunFacet([variables.EnvironmentVariable("TIER", "test")]),
        ),
        Case(
            "executionParameters",
            execution.execution_parameters(
                [execution.ExecutionParameter("a"), execution.ExecutionParameter("b", "1", "B", "the b")]
            ),
            executions.ExecutionParametersRunFacet(
                [executions.ExecutionParameter("a"), executions.ExecutionParameter("b", "B", "the b", "1")]
            ),
        ),
        Case(
            "extractionError",
            execution.extraction_error(
                3, [execution.ExtractionError("no"), execution.ExtractionError("odd", "select", 2, "line 1")]
            ),
            errors.ExtractionErrorRunFacet(3, 2, [errors.Error("no"), errors.Error("odd", "line 1", "select", 2)]),
        ),
        Case("jobDependencies", execution.job_dependencies(), dependencies.JobDependenciesRunFacet()),
        Case(
            "jobDependencies",
            execution.job_dependencies(
                [execution.JobDependency(OTHER)],
                [execution.JobDependency(OTHER, TASK, *rules)],
                trigger_rule="ALL_SUCCESS",
            ),
            dependencies.JobDependenciesRunFacet(
                [dependency(other)], [dependency(other, dependencies.RunIdentifier(TASK), *rules)], "ALL_SUCCESS"
            ),
        ),
        Case("tags", tags.run_tags([]), facet_v2.tags_run.TagsRunFacet()),
        Case(
            "tags",
            tags.run_tags([tags.Tag("pii", "no", "USER")]),
            facet_v2.tags_run.TagsRunFacet([facet_v2.tags_run.TagsRunFacetFields("pii", "no", "USER")]),
        ),
        Case(
            "test",
            quality.checks([quality.Check("a", "pass"), quality.Check("b", "fail", *TESTED, {"p": 1})]),
            facet_v2.test_run.TestRunFacet(
                [
                    facet_v2.test_run.TestExecution("a", "pass"),
                    facet_v2.test_run.TestExecution("b", "fail", *TESTED, {"p": 1}),
                ]
            ),
        ),
    ]


def job_cases() -> list[Case]:
    owners, code = facet_v2.ownership_job, facet_v2.source_code_job
    located, where = facet_v2.source_code_location_job, ("git", "https://git.example/a.py")
    more = ("https://git.example", "a.py", "4f2", "v1", "main", "42")
    names = ("repository_url", "path", "version", "tag", "branch", "pull_request")
    return [
        Case("sql", job.sql("select 1"), facet_v2.sql_job.SQLJobFacet("select 1")),
        Case("sql", job.sql("select 1", "duckdb"), facet_v2.sql_job.SQLJobFacet("select 1", "duckdb")),
        Case("jobType", job.job_type("AIRFLOW"), types.JobTypeJobFacet(processingType="BATCH", integration="AIRFLOW")),
        Case(
            "jobType",
            job.job_type("FLINK", "JOB", "STREAMING", job.emission_pattern("PERIODIC", "COMPLETE_SNAPSHOT", 300)),
            types.JobTypeJobFacet(
                "STREAMING", "FLINK", "JOB", types.EmissionPattern("PERIODIC", "COMPLETE_SNAPSHOT", 300)
            ),
        ),
        Case("sourceCode", job.source_code("python", "print()"), code.SourceCodeJobFacet("python", "print()")),
        Case("sourceCodeLocation", job.source_code_location(*where), located.SourceCodeLocationJobFacet(*where)),
        Case(
            "sourceCodeLocation",
            job.source_code_location(*where, **dict(zip(names, more, strict=True))),
            located.SourceCodeLocationJobFacet(*where, *more),
        ),
        Case("documentation", job.documentation("loads"), facet_v2.documentation_job.DocumentationJobFacet("loads")),
        Case(
            "documentation",
            job.documentation("loads", "text/markdown"),
            facet_v2.documentation_job.DocumentationJobFacet("loads", "text/markdown"),
        ),
        Case(
            "ownership",
            job.ownership([("team:data", None), ("user:x", "MAINTAINER")]),
            owners.OwnershipJobFacet([owners.Owner("team:data"), owners.Owner("user:x", "MAINTAINER")]),
        ),
        Case(
            "tags",
            tags.job_tags([tags.Tag("pii"), tags.Tag("tier", "1", "DBT")]),
            facet_v2.tags_job.TagsJobFacet(
                [
                    facet_v2.tags_job.TagsJobFacetFields("pii", "true"),
                    facet_v2.tags_job.TagsJobFacetFields("tier", "1", "DBT"),
                ]
            ),
        ),
    ]


def dataset_cases() -> list[Case]:
    schemas, links = facet_v2.schema_dataset, facet_v2.symlinks_dataset
    states, owners = facet_v2.lifecycle_state_change_dataset, facet_v2.ownership_dataset
    levels, tagged = facet_v2.hierarchy_dataset, facet_v2.tags_dataset
    nested = Field("s", "struct", "a pair", 2, (Field("x", "int"),))
    official_field = schemas.SchemaDatasetFacetFields
    catalog = facet_v2.catalog_dataset.CatalogDatasetFacet
    return [
        Case(
            "schema",
            dataset.schema([Field("id"), nested]),
            schemas.SchemaDatasetFacet(
                [official_field("id"), official_field("s", "struct", "a pair", 2, [official_field("x", "int")])]
            ),
        ),
        Case(
            "symlinks",
            dataset.symlinks([("hive://m", "db.t", "TABLE")]),
            links.SymlinksDatasetFacet([links.Identifier("hive://m", "db.t", "TABLE")]),
        ),
        Case(
            "lifecycleStateChange",
            dataset.lifecycle_state_change("CREATE"),
            states.LifecycleStateChangeDatasetFacet(states.LifecycleStateChange.CREATE),
        ),
        Case(
            "lifecycleStateChange",
            dataset.lifecycle_state_change("RENAME", ORDERS),
            states.LifecycleStateChangeDatasetFacet(
                states.LifecycleStateChange.RENAME, states.PreviousIdentifier(ORDERS.name, ORDERS.namespace)
            ),
        ),
        Case("catalog", dataset.catalog("iceberg", "glue", "main"), catalog("iceberg", "glue", "main")),
        Case(
            "catalog",
            dataset.catalog(
                *("iceberg", "glue", "main"),
                metadata_uri="jdbc:x",
                warehouse_uri="s3://w",
                source="spark",
                properties={"a": "b"},
            ),
            catalog("iceberg", "glue", "main", "jdbc:x", "s3://w", "spark", {"a": "b"}),
        ),
        Case(
            "datasetType", dataset.dataset_type("TABLE"), facet_v2.dataset_type_dataset.DatasetTypeDatasetFacet("TABLE")
        ),
        Case(
            "datasetType",
            dataset.dataset_type("VIEW", "MATERIALIZED"),
            facet_v2.dataset_type_dataset.DatasetTypeDatasetFacet("VIEW", "MATERIALIZED"),
        ),
        Case("version", dataset.dataset_version("7"), facet_v2.dataset_version_dataset.DatasetVersionDatasetFacet("7")),
        Case("dataSource", dataset.data_source(), facet_v2.datasource_dataset.DatasourceDatasetFacet()),
        Case(
            "dataSource",
            dataset.data_source("shop", "postgres://db:5432"),
            facet_v2.datasource_dataset.DatasourceDatasetFacet("shop", "postgres://db:5432"),
        ),
        Case(
            "documentation",
            dataset.documentation("orders", "text/markdown"),
            facet_v2.documentation_dataset.DocumentationDatasetFacet("orders", "text/markdown"),
        ),
        Case(
            "documentation",
            dataset.documentation("orders"),
            facet_v2.documentation_dataset.DocumentationDatasetFacet("orders"),
        ),
        Case(
            "hierarchy",
            dataset.hierarchy([("DATABASE", "shop"), ("TABLE", "orders")]),
            levels.HierarchyDatasetFacet(
                [
                    levels.HierarchyDatasetFacetLevel("DATABASE", "shop"),
                    levels.HierarchyDatasetFacetLevel("TABLE", "orders"),
                ]
            ),
        ),
        Case(
            "ownership",
            dataset.ownership([("team:data", None), ("user:x", "OWNER")]),
            owners.OwnershipDatasetFacet([owners.Owner("team:data"), owners.Owner("user:x", "OWNER")]),
        ),
        Case("storage", dataset.storage("iceberg"), facet_v2.storage_dataset.StorageDatasetFacet("iceberg")),
        Case(
            "storage",
            dataset.storage("delta", "parquet"),
            facet_v2.storage_dataset.StorageDatasetFacet("delta", "parquet"),
        ),
        Case(
            "tags",
            tags.dataset_tags([tags.DatasetTag("pii", "yes", "USER", "mail")]),
            tagged.TagsDatasetFacet([tagged.TagsDatasetFacetFields("pii", "yes", "USER", "mail")]),
        ),
    ]


def traffic_cases() -> list[Case]:
    measured, read = facet_v2.data_quality_metrics_dataset, facet_v2.data_quality_metrics_input_dataset
    figures = {"id": quality.ColumnMetrics(), "x": quality.ColumnMetrics(1, 2, 3.5, 4, 5, 6, {"0.5": 5})}
    size = quality.Size(7, 8, 9, NOON)
    condition = subset.either(
        subset.both(
            subset.compared(subset.field("day"), "EQUAL", subset.literal("2026-11-21")), subset.locations(["/a"])
        ),
        subset.named_partitions({"p1": {"day": 1}}),
    )
    compared = sets.CompareSubsetCondition(
        sets.FieldBaseCompareExpression("day"), sets.LiteralCompareExpression("2026-11-21"), "EQUAL"
    )
    official = sets.BinarySubsetCondition(
        sets.BinarySubsetCondition(compared, sets.LocationSubsetCondition(["/a"]), "AND"),
        sets.PartitionSubsetCondition([sets.Partition({"day": 1}, "p1")]),
        "OR",
    )
    return [
        Case(
            "inputStatistics",
            traffic.input_statistics(None, None, None),
            facet_v2.input_statistics_input_dataset.InputStatisticsInputDatasetFacet(),
        ),
        Case(
            "inputStatistics",
            traffic.input_statistics(1, 2, 3),
            facet_v2.input_statistics_input_dataset.InputStatisticsInputDatasetFacet(1, 2, 3),
        ),
        Case(
            "outputStatistics",
            traffic.output_statistics(1, 2, 3),
            facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(1, 2, 3),
        ),
        Case(
            "outputStatistics",
            traffic.output_statistics(None, 0, None),
            facet_v2.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(size=0),
        ),
        Case("subset", traffic.input_subset(condition), sets.InputSubsetInputDatasetFacet(official)),
        Case(
            "subset",
            traffic.output_subset(subset.partitions([{"day": 1}])),
            sets.OutputSubsetOutputDatasetFacet(sets.PartitionSubsetCondition([sets.Partition({"day": 1})])),
        ),
        Case(
            "dataQualityAssertions",
            quality.assertions(
                [quality.Assertion("not_null", True), quality.Assertion("x", False, *ASSERTED, {"p": 1})]
            ),
            qualities.DataQualityAssertionsDatasetFacet(
                [qualities.Assertion("not_null", True), qualities.Assertion("x", False, *ASSERTED, {"p": 1})]
            ),
        ),
        Case(
            "dataQualityMetrics",
            quality.dataset_metrics(figures, size),
            measured.DataQualityMetricsDatasetFacet(
                {"id": measured.ColumnMetrics(), "x": measured.ColumnMetrics(1, 2, 3.5, 4, 5, 6, {"0.5": 5})},
                *(7, 8, 9, TOLD_NOON),
            ),
        ),
        Case(
            "dataQualityMetrics",
            quality.input_metrics({"id": quality.ColumnMetrics(null_count=0)}),
            read.DataQualityMetricsInputDatasetFacet({"id": read.ColumnMetrics(nullCount=0)}),
        ),
        Case(
            "dataQualityMetrics",
            quality.input_metrics(figures, size),
            read.DataQualityMetricsInputDatasetFacet(
                {"id": read.ColumnMetrics(), "x": read.ColumnMetrics(1, 2, 3.5, 4, 5, 6, {"0.5": 5})},
                *(7, 8, 9, TOLD_NOON),
            ),
        ),
    ]


CASES = [*lineage_cases(), *run_cases(), *job_cases(), *dataset_cases(), *traffic_cases()]
