"""docker-compose.yml against the compose specification's schema, and against what this project promises of it.

There is no Docker engine where the tests run: nothing here starts a container. What is said of images, health checks
and start order is read, not tried.
"""

from __future__ import annotations

import importlib.resources
import json
import re
import stat
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

import environments
import house

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (house.ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {"airflow-database", "spark-job"}
VERSION_TAG = re.compile(r"[\w./-]+:v?\d+\.\d+[\w.-]*")
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
SECRET_NAME = re.compile(r"PASSWORD|SECRET|FERNET|TOKEN|_KEY$|SQL_ALCHEMY_CONN")


def settings() -> dict[str, str]:
    """Return the settings that `docker/env.example` names, with what stands there."""
    lines = (house.ROOT / "docker" / "env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def binds(service: dict[str, Any]) -> list[str]:
    return [volume.partition(":")[0] for volume in service.get("volumes", []) if volume.startswith(".")]


def test_compose_file_is_valid_by_the_specifications_schema() -> None:
    shipped = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(shipped.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)

    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(COMPOSE)] == []
    # The check itself is checked: a misspelt key has to be refused.
    assert not validator.is_valid({"services": {"one": {"image": "i:1", "comand": ["x"]}}})


def test_compose_file_has_the_services_that_the_readme_promises() -> None:
    assert set(SERVICES) >= {"postgres", "marquez", "marquez-web", "airflow-scheduler", "spark-job"}


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned_by_a_version_or_built_here(name: str) -> None:
    service = SERVICES[name]

    assert "build" in service or VERSION_TAG.fullmatch(service["image"])


def test_built_images_start_from_pinned_ones() -> None:
    dockerfile = (house.ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    stages = dict(re.findall(r"^FROM (\S+) AS (\S+)$", dockerfile, re.MULTILINE))
    (airflow,) = [
        package for package in environments.ENVIRONMENTS["airflow-3.3"].packages if "apache-airflow==" in package
    ]

    assert [image for image in stages if not VERSION_TAG.fullmatch(image)] == []
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} == set(stages.values())
    assert any(image.startswith(f"apache/airflow:{airflow.partition('==')[2]}") for image in stages)
    assert set(re.findall(r"tools/environments\.py ([^\n&]+)", dockerfile)) == {"spark-4.3 java"}


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_bound_to_loopback(name: str) -> None:
    assert [port for port in SERVICES[name].get("ports", []) if not str(port).startswith("127.0.0.1:")] == []


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_lasting_service_says_when_it_is_healthy(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


def test_services_wait_for_what_they_need() -> None:
    conditions = {
        (name, needed): rule["condition"]
        for name, service in SERVICES.items()
        for needed, rule in service.get("depends_on", {}).items()
    }

    assert {needed for _, needed in conditions} <= set(SERVICES)
    assert conditions["marquez", "postgres"] == "service_healthy"
    assert conditions["airflow-scheduler", "marquez"] == "service_healthy"
    assert conditions["airflow-api-server", "airflow-database"] == "service_completed_successfully"
    assert [
        pair
        for pair, rule in conditions.items()
        if rule == "service_completed_successfully" and pair[1] not in ONE_SHOT
    ] == []
    assert [
        pair
        for pair, rule in conditions.items()
        if rule == "service_healthy" and "healthcheck" not in SERVICES[pair[1]]
    ] == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_comes_from_the_environment_or_the_start_is_refused(name: str) -> None:
    secrets = {
        key: str(value) for key, value in SERVICES[name].get("environment", {}).items() if SECRET_NAME.search(key)
    }

    assert {key: value for key, value in secrets.items() if not re.search(r"\$\{\w+:\?[^}]{10,}\}", value)} == {}


def test_example_names_every_variable_that_is_required_and_no_secret() -> None:
    required = {found["name"] for found in VARIABLE.finditer(TEXT) if found["rest"].startswith(":?")}
    unset = [found.group() for found in VARIABLE.finditer(TEXT) if not found["rest"].startswith((":?", ":-"))]

    assert unset == []
    assert set(settings()) == required
    assert set(settings().values()) == {"<generated>"}


@pytest.mark.parametrize("name", SERVICES)
def test_mounted_and_built_paths_are_in_the_checkout(name: str) -> None:
    build = SERVICES[name].get("build", {})
    paths = [*binds(SERVICES[name]), *([build["dockerfile"]] if build else [])]

    assert [path for path in paths if not (house.ROOT / path).exists()] == []
    assert [volume for volume in SERVICES[name].get("volumes", []) if volume.startswith("/")] == []


def test_examples_are_what_airflow_and_spark_run() -> None:
    scheduler, environment = SERVICES["airflow-scheduler"], SERVICES["airflow-scheduler"]["environment"]
    dag = (house.ROOT / "dags_examples" / "shop_daily.py").read_text(encoding="utf-8")
    script, folder = SERVICES["spark-job"]["command"][1:]

    assert "./dags_examples:/opt/airflow/dags:ro" in scheduler["volumes"]
    assert set(re.findall(r'environ\.get\("(\w+)"', dag)) <= set(environment)
    assert [c for c in re.findall(r'conn_id="(\w+)"', dag) if f"AIRFLOW_CONN_{c.upper()}" not in environment] == []
    assert (house.ROOT / script).is_file()
    assert folder == environment["SHOP_DATA"]
    assert environment["SHOP_SPARK_PYTHON"].endswith("/.venv/spark-4.3/bin/python")


def test_events_go_to_the_marquez_of_this_file() -> None:
    sending = ["airflow-scheduler", "spark-job"]
    text = (house.ROOT / "docker" / "marquez" / "marquez.yml").read_text(encoding="utf-8")
    marquez = yaml.safe_load(text)
    port = marquez["server"]["applicationConnectors"][0]["port"]

    # Marquez refuses to start when one of them is not in its environment.
    assert set(re.findall(r"\$\{(.*?)\}", text)) <= set(SERVICES["marquez"]["environment"])
    assert [SERVICES[name]["environment"]["OPENLINEAGE_URL"] for name in sending] == [f"http://marquez:{port}"] * 2
    assert SERVICES["marquez"]["ports"] == [f"127.0.0.1:${{MARQUEZ_PORT:-5000}}:{port}"]
    assert SERVICES["airflow-scheduler"]["environment"]["AIRFLOW__OPENLINEAGE__DISABLED"] == "True"


def test_make_env_writes_secrets_once_for_the_owner_alone(tmp_path: Path) -> None:
    words = [sys.executable, str(house.ROOT / "docker" / "make_env.py"), str(tmp_path / ".env")]

    first, second = house.finished(words), house.finished(words)

    lines = (tmp_path / ".env").read_text(encoding="utf-8").splitlines()
    values = [line.split("=", 1)[1] for line in lines if line and not line.startswith("#")]
    assert first.returncode == 0, first.stderr
    assert (second.returncode, "stays as it is" in second.stderr) == (1, True)
    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert len(values) == len(set(values)) == len(settings())
    assert all(re.fullmatch(r"[\w-]{43}=", value) for value in values)


def test_file_of_secrets_is_never_committed_or_copied_into_an_image() -> None:
    ignored = house.finished(["git", "check-ignore", ".env"])
    left_out = (house.ROOT / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()

    assert ignored.stdout.strip() == ".env"
    assert {".env", ".git", ".venv", ".demo"} <= set(left_out)
