"""What `riverhead doctor` says of Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from riverhead_airflow import check
from riverhead_emitter.checks import Finding

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _home_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


def texts(environment: dict[str, str]) -> list[tuple[str, str]]:
    return [(found.level, found.text) for found in check.findings(environment) if isinstance(found, Finding)]


def installs(monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    named = {name.replace("_", "-"): version for name, version in versions.items()}
    monkeypatch.setattr(check, "_installed", named.get)


def test_no_airflow_is_worth_one_note(monkeypatch: pytest.MonkeyPatch) -> None:
    installs(monkeypatch)

    [(level, text)] = texts({})

    assert level == "note"
    assert "not installed" in text


def test_an_airflow_we_know_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    installs(monkeypatch, apache_airflow_core="3.3.2")

    [(level, text)] = texts({})

    assert level == "ok"
    assert "3.3.2" in text


def test_an_airflow_we_do_not_know_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    installs(monkeypatch, apache_airflow="2.9.3")

    assert texts({})[0][0] == "problem"


def test_an_airflow_2_is_told_which_dags_it_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    installs(monkeypatch, apache_airflow="2.11.2")

    [_, (level, text)] = texts({})

    assert level == "note"
    assert "end_from_trigger=False" in text


def test_a_provider_that_is_not_switched_off_is_worth_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    installs(monkeypatch, apache_airflow="3.3.2", apache_airflow_providers_openlineage="2.20.3")

    assert [level for level, _ in texts({})] == ["ok", "note"]
    assert "not disabled" not in said_with({"AIRFLOW__OPENLINEAGE__DISABLED": "True"})
    assert "not disabled" not in said_with({"OPENLINEAGE_DISABLED": "true"})


def test_a_provider_that_airflow_cfg_switches_off_is_nothing_to_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installs(monkeypatch, apache_airflow="3.3.2", apache_airflow_providers_openlineage="2.20.3")
    (tmp_path / "airflow.cfg").write_text("[openlineage]\ndisabled = True\n")

    assert "not disabled" not in said_with({"AIRFLOW_HOME": str(tmp_path)})


@pytest.mark.parametrize("text", ["[openlineage]\nno such line\n", "[openlineage]\ndisabled = 100%\n", None])
def test_a_provider_is_not_said_to_be_on_where_the_switch_could_not_be_read(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installs(monkeypatch, apache_airflow="3.3.2", apache_airflow_providers_openlineage="2.20.3")
    if text is None:
        (tmp_path / "airflow.cfg").mkdir()
    else:
        (tmp_path / "airflow.cfg").write_text(text)

    said = said_with({"AIRFLOW_HOME": str(tmp_path)})

    assert "not disabled" not in said
    assert "provider 2.20.3 is installed; whether it is disabled could not be read" in said
    assert "OpenLineage provider" not in said_with(
        {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__OPENLINEAGE__DISABLED": "True"}
    )


def test_a_provider_is_said_to_be_on_where_only_another_key_could_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installs(monkeypatch, apache_airflow="3.3.2", apache_airflow_providers_openlineage="2.20.3")
    (tmp_path / "airflow.cfg").write_text("[riverhead]\nspool_dir = 100%\n[openlineage]\nnamespace = 100%\n")

    assert "is installed and not disabled" in said_with({"AIRFLOW_HOME": str(tmp_path)})


def said_with(environment: dict[str, str]) -> str:
    return "\n".join(text for _, text in texts(environment))
