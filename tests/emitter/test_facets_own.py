"""Our own facets: held against the JSON Schemas that ship with them."""

from __future__ import annotations

import sys
import zipfile
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema
import pytest

import house
from riverhead_emitter.facets.own import audit, bounds, coverage, documents, governance, learning, operation, streaming
from riverhead_emitter.facets.own.shipped import own_schemas
from riverhead_emitter.model import Dataset, Job, Run, Unresolved

if TYPE_CHECKING:
    from pathlib import Path

    from riverhead_emitter.facets.facet import Facet

NOON, EVENING = datetime(2026, 11, 21, 12, tzinfo=timezone.utc), "2026-11-21T18:00:00Z"
SCANS = Dataset("s3://lake", "scans")
RUN = Run("01890a5d-ac96-774b-bcce-b302099a8057", Job("ml", "train"))
MANY = range(bounds.MOST_LISTED + 1)
HASHED, LEARNED = governance.ColumnProtection("x", "HASHED"), learning.Learned(SCANS)
PART = documents.Source(SCANS, "scan.pdf", "PAGES", 1, 2, NOON, EVENING)


class Case(NamedTuple):
    """A facet by the name of its schema, with as little and as much as its builder takes."""

    name: str
    least: Facet
    most: Facet


CASES = [
    Case(
        "parameters",
        operation.parameters({}),
        operation.parameters({"rate": 0.1, "layers": [3, 4], "seed": None}, {"rate": "argument"}),
    ),
    Case(
        "resources",
        operation.resources(operation.Resources()),
        operation.resources(
            operation.Resources(*range(14)),
            operation.Cost(1.5, "EUR", "BILL"),
            stages=[operation.Stage(*range(10))],
            stage_count=2,
        ),
    ),
    Case(
        "failure",
        operation.failure("ValueError"),
        operation.failure("E", condition="C", sql_state="22012", fragment="a / b", stage=1, operators=["Sort"]),
    ),
    Case(
        "streaming",
        streaming.streaming(streaming.Batch("q", "r", 0)),
        streaming.streaming(
            streaming.Batch("q", "r", 1, "orders", NOON.isoformat(), "2026-01-01T00:00:00.000Z", 2, 3),
            seconds={"addBatch": 1.5},
            sources=[streaming.Source("files", "1", "2", "3", 4)],
            operators=[streaming.Operator("dedupe", 1, 2, 3, 4, 5)],
        ),
    ),
    Case(
        "freshness",
        operation.freshness(),
        operation.freshness(target_seconds=3600, due=NOON, delivered=EVENING, newest_data=NOON),
    ),
    Case(
        "trimmed",
        operation.trimmed([("/run/facets/x", "it holds itself", None)], count=1, limit_bytes=2),
        operation.trimmed([("/run/facets/x", "left out as a whole", 5)], count=2, limit_bytes=4),
    ),
    Case("coverage", coverage.coverage([Unresolved("a", "b")]), coverage.coverage([Unresolved("a", "b")] * 2)),
    Case(
        "classification",
        governance.classification([]),
        governance.classification(
            [
                governance.Classification("PII", "mail", "SECRET", True, "customer", True, "SCANNED", 0.9, "scanner"),
                governance.Classification("public"),
            ]
        ),
    ),
    Case(
        "policy",
        governance.policy([governance.Policy("keep", "RETENTION")]),
        governance.policy(
            [
                governance.Policy(
                    "erase", "ERASURE", "3", ("mail",), 30, NOON, ("EU",), "ENFORCED", "gone", "https://x.example"
                )
            ]
        ),
    ),
    Case(
        "terms",
        governance.terms(),
        governance.terms(
            licence="CC-BY-4.0",
            licence_url="https://licence.example",
            attribution="us",
            consent=governance.Consent("CONSENT", "form 7", NOON, EVENING),
            purposes=["research"],
            forbidden_purposes=["training"],
            jurisdiction="EU",
        ),
    ),
    Case(
        "encryption",
        governance.encryption(),
        governance.encryption(
            governance.Cipher("AES-256", "k1", "kms", True),
            "TLS 1.3",
            [governance.ColumnProtection("mail", "TOKENISED", "fpe", "k2")],
        ),
    ),
    Case(
        "access",
        audit.access(audit.Principal("ann")),
        audit.access(
            audit.Principal("etl", "SERVICE", "ann"),
            operation="READ",
            purpose="fraud",
            columns=["mail"],
            row_filter="region = 'EU'",
            rows=3,
            granted_by="grant 7",
            time=NOON,
        ),
    ),
    Case(
        "digest",
        audit.digest("sha256", "ab"),
        audit.digest("sha256", "ab", scope="ROWS", size_bytes=3, parts=[("a.parquet", "cd")]),
    ),
    Case(
        "model",
        learning.model_version("churn", "3"),
        learning.model_version(
            "churn",
            "3",
            registry="https://models.example",
            framework="sklearn",
            task="classification",
            stage="PRODUCTION",
            base_model=("base", "1"),
            trained_by=RUN,
            trained_on=[learning.Learned(SCANS), learning.Learned(SCANS, "7", "train")],
        ),
    ),
    Case(
        "metrics",
        learning.metrics([]),
        learning.metrics([learning.Metric("loss", 0.5), learning.Metric("loss", 0.4, 2, "validation")]),
    ),
    Case(
        "split",
        learning.dataset_split("train"),
        learning.dataset_split(
            "train", of=SCANS, of_version="7", method="STRATIFIED", seed=1, fraction=0.8, by=["region"], rows=80
        ),
    ),
    Case(
        "fidelity",
        learning.fidelity([]),
        learning.fidelity(
            [learning.FidelityMetric("ks", 0.05), learning.FidelityMetric("ks", 0.05, "age", 0.1, True)],
            of=SCANS,
            of_version="7",
            generator=("ctgan", "1"),
            rows=100,
            privacy=learning.Privacy("DIFFERENTIAL_PRIVACY", 1.0, 1e-6),
        ),
    ),
    Case(
        "derivation",
        documents.derivation([]),
        documents.derivation([documents.Derived("chunk-1", (PART, documents.Source(SCANS, "b.pdf")), "OCR")]),
    ),
]
each_facet = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
SCHEMAS = own_schemas()
each_schema = pytest.mark.parametrize("file", SCHEMAS)


def schema_of(facet: Facet) -> dict[str, Any]:
    name, version = facet["_schemaURL"].removeprefix("urn:riverhead:facet:").split(":")
    return SCHEMAS[f"{name}-{version}.json"]


def problems_of(facet: Facet) -> list[str]:
    checks = jsonschema.Draft202012Validator.FORMAT_CHECKER
    found = jsonschema.Draft202012Validator(schema_of(facet), format_checker=checks).iter_errors(facet)
    return [f"{error.json_path}: {error.message}" for error in found]


@each_facet
def test_a_facet_of_ours_keeps_its_schema_with_as_little_and_as_much_as_its_builder_takes(case: Case) -> None:
    assert schema_of(case.most)["$id"] == case.least["_schemaURL"] == case.most["_schemaURL"]
    assert case.least["_schemaURL"].startswith(f"urn:riverhead:facet:{case.name}:")
    assert problems_of(case.least) + problems_of(case.most) == []


@each_facet
def test_every_property_of_a_schema_of_ours_is_one_that_its_builder_writes(case: Case) -> None:
    assert set(case.most) == set(schema_of(case.most)["properties"])
    assert parts_without_description(schema_of(case.most)) == []


def parts_without_description(schema: dict[str, Any], path: str = "") -> list[str]:
    """Where a schema has a property that it does not explain; what every facet carries explains itself."""
    found = [] if not path or path[1:].startswith("_") or "description" in schema else [path]
    for name, part in schema.get("properties", {}).items():
        found += parts_without_description(part, f"{path}.{name}")
    return found + [
        gap
        for name, part in schema.get("items", {}).get("properties", {}).items()
        for gap in parts_without_description(part, f"{path}.{name}")
    ]


def test_every_shipped_schema_has_a_builder_and_a_file_of_its_name_and_version() -> None:
    names = {case.name for case in CASES}

    assert {file.partition("-")[0] for file in SCHEMAS} == names
    assert {file: schema["$id"] for file, schema in SCHEMAS.items()} == {
        file: f"urn:riverhead:facet:{file.removesuffix('.json').replace('-', ':', 1)}" for file in SCHEMAS
    }


@each_schema
def test_a_shipped_schema_is_itself_valid_and_open_as_those_of_openlineage_are(file: str) -> None:
    schema = SCHEMAS[file]

    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["additionalProperties"] is True
    assert schema["required"][:2] == ["_producer", "_schemaURL"]


@pytest.mark.parametrize(
    ("facet", "count", "listed"),
    [
        (operation.parameters({str(at): at for at in MANY}), "parameterCount", "parameters"),
        (governance.classification(governance.Classification("x") for _ in MANY), "classCount", "classes"),
        (governance.policy(governance.Policy("x", "ACCESS") for _ in MANY), "policyCount", "policies"),
        (governance.encryption(columns=(HASHED for _ in MANY)), "columnCount", "columns"),
        (audit.access(audit.Principal("x"), columns=map(str, MANY)), "columnCount", "columns"),
        (audit.digest("sha256", "x", parts=((str(at), "y") for at in MANY)), "partCount", "parts"),
        (learning.metrics(learning.Metric("x", at) for at in MANY), "metricCount", "metrics"),
        (learning.fidelity(learning.FidelityMetric("x", at) for at in MANY), "metricCount", "metrics"),
        (learning.model_version("x", "1", trained_on=(LEARNED for _ in MANY)), "trainedOnCount", "trainedOn"),
        (documents.derivation(documents.Derived(str(at), ()) for at in MANY), "documentCount", "documents"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_facet_counts_all_and_names_the_first(facet: Facet, count: str, listed: str) -> None:
    assert facet[count] == len(MANY)
    assert len(facet[listed]) == bounds.MOST_LISTED
    assert problems_of(facet) == []


def test_a_document_counts_all_its_sources_and_names_the_first() -> None:
    (document,) = documents.derivation([documents.Derived("all", (PART,) * 101)])["documents"]

    assert (document["sourceCount"], len(document["sources"])) == (101, documents.MOST_SOURCES)


def test_coverage_counts_every_gap_once_and_names_the_first_hundred() -> None:
    facet = coverage.coverage([Unresolved(str(at % 200), "why") for at in range(400)])

    assert facet["unresolvedCount"] == 200
    assert len(facet["unresolved"]) == coverage.MOST_NAMED
    assert problems_of(facet) == []


@pytest.mark.parametrize(
    ("judged", "said"), [((None, None), None), ((False, None), False), ((False, True), True)], ids=str
)
def test_a_dataset_is_personal_if_one_of_its_classes_is_and_unjudged_if_none_was(
    judged: tuple[bool | None, ...], said: bool | None
) -> None:
    facet = governance.classification(governance.Classification("x", is_personal=one) for one in judged)

    assert facet.get("isPersonal") is said


def test_where_no_columns_are_named_access_says_nothing_of_columns() -> None:
    assert "columns" not in audit.access(audit.Principal("ann"))
    assert audit.access(audit.Principal("ann"), columns=[])["columnCount"] == 0


def test_our_schemas_are_read_from_a_zip_too(tmp_path: Path) -> None:
    # A Spark driver gets the wheel as it is, as a zip on its path.
    package = house.package_folders()["riverhead_emitter"]
    with zipfile.ZipFile(tmp_path / "wheel.zip", "w") as archive:
        for file in (package, *(package / "facets").rglob("*")):
            if file.suffix in {".py", ".json"}:
                archive.write(file, file.relative_to(package.parent))
        for name in ("__init__.py", "loading.py", "version.py"):
            archive.write(package / name, f"{package.name}/{name}")
    question = "from riverhead_emitter.facets.own.shipped import own_schemas; print(*own_schemas())"

    said = house.finished(
        [sys.executable, "-S", "-c", question], environment={"PYTHONPATH": str(tmp_path / "wheel.zip")}
    )

    assert said.stdout.split() == list(SCHEMAS), said.stderr
