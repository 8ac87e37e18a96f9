"""What `riverhead doctor` says of Airflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_airflow import check

if TYPE_CHECKING:
    import pytest


def texts(environment: dict[str, str]) -> list[tuple[str, str]]:
    return [(finding.level, finding.text) for finding in check.findings(environment)]


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
    assert [level for level, _ in texts({"AIRFLOW__OPENLINEAGE__DISABLED": "True"})] == ["ok"]
