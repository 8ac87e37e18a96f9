"""What `riverhead doctor` reads of Airflow's configuration without Airflow, and the line that commands want."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from riverhead_airflow.airflow_cfg import airflow_configuration
from riverhead_airflow.configured import configuration_findings
from riverhead_airflow.settings import host_names
from riverhead_emitter.checks import Finding
from riverhead_emitter.settings import settings_from
from riverhead_emitter.spool.places import directory_for

CANARY = "canary5ecret"
HTTP = '{"type": "http", "url": "http://lake:5000"}'
WITH_KEY = json.dumps({"type": "http", "url": "http://lake:5000", "auth": {"type": "api_key", "apiKey": CANARY}})


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def environment_of(tmp_path: Path, text: str | None, **variables: str) -> dict[str, str]:
    if text is not None:
        (tmp_path / "airflow.cfg").write_text(text)
    return {"HOME": str(tmp_path / "home"), "AIRFLOW_HOME": str(tmp_path), **variables}


def findings_in(environment: dict[str, str]) -> list[tuple[str, str]]:
    said = airflow_configuration(environment)
    found = configuration_findings(said, environment)
    return [(finding.level, finding.text) for finding in found if isinstance(finding, Finding)]


def exported(findings: list[tuple[str, str]]) -> dict[str, str]:
    [line] = [text.partition("export ")[2] for _, text in findings if "export " in text]
    return dict(word.split("=", 1) for word in shlex.split(line))


def test_nothing_is_said_where_no_airflow_was_configured(tmp_path: Path) -> None:
    assert findings_in(environment_of(tmp_path, None)) == []
    assert findings_in({"HOME": str(tmp_path / "home")}) == []


def test_it_is_said_where_airflows_tasks_keep_records_and_for_whom(tmp_path: Path) -> None:
    cfg = f"[riverhead]\nspool_dir = {tmp_path}/spool\n[openlineage]\ntransport = {HTTP}\n"
    environment = environment_of(tmp_path, cfg)
    directory = directory_for(tmp_path / "spool", ["http http://lake:5000/api/v1/lineage"])

    where = f"for http://lake:5000/api/v1/lineage in {directory}"
    assert findings_in(environment)[0] == ("ok", f"Airflow's tasks keep records {where} (read: {tmp_path}/airflow.cfg)")


def test_a_variable_counts_before_the_file_and_is_named(tmp_path: Path) -> None:
    variables = {"AIRFLOW__RIVERHEAD__SPOOL_DIR": f"{tmp_path}/other"}
    [(_, text), _] = findings_in(environment_of(tmp_path, f"[riverhead]\nspool_dir = {tmp_path}/spool\n", **variables))

    assert f"in {tmp_path}/other/" in text
    assert "AIRFLOW__RIVERHEAD__SPOOL_DIR)" in text


def test_the_file_that_airflow_config_names_is_read(tmp_path: Path) -> None:
    named = tmp_path / "named.cfg"
    environment = environment_of(tmp_path, "[riverhead]\nspool_dir = /not/this\n", AIRFLOW_CONFIG=str(named))

    assert findings_in(environment) == [("note", f"AIRFLOW_CONFIG names {named}, which is not there")]

    named.write_text("[riverhead]\nspool_dir = /this\n")

    assert "in /this/" in findings_in(environment)[0][1]


def test_an_airflow_at_home_without_a_variable_is_found(tmp_path: Path) -> None:
    home = tmp_path / "home" / "airflow"
    home.mkdir(parents=True)
    (home / "airflow.cfg").write_text("[core]\nload_examples = False\n")
    environment = {"HOME": str(tmp_path / "home")}

    found = findings_in(environment)

    assert f"in {home}/riverhead/" in found[0][1]
    assert exported(found) == {"RIVERHEAD_SPOOL_DIR": f"{home}/riverhead"}


@pytest.mark.parametrize(
    ("cfg", "variables"),
    [
        ("[riverhead]\nspool_dir = /a spool\n", {}),
        (f"[openlineage]\ntransport = {HTTP}\n", {}),
        (f"[openlineage]\ntransport = {HTTP}\n[riverhead]\nspool_dir = /spool\n", {"OPENLINEAGE_URL": "http://b:1"}),
        ("[openlineage]\nconfig_path = {tmp}/their.yml\n", {}),
        (f"[openlineage]\ntransport = {HTTP}\n", {"OPENLINEAGE_CONFIG": "{tmp}/their.yml"}),
        ("[riverhead]\nread_config_file = False\n", {"OPENLINEAGE_CONFIG": "{tmp}/their.yml"}),
    ],
)
def test_the_line_to_export_gives_commands_what_airflows_tasks_have(
    cfg: str, variables: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "their.yml").write_text("transport: {type: http, url: 'http://file:1'}\n")
    cfg, named = (
        cfg.replace("{tmp}", str(tmp_path)),
        {k: v.replace("{tmp}", str(tmp_path)) for k, v in variables.items()},
    )
    environment = environment_of(tmp_path, cfg, **named)
    said = airflow_configuration(environment)
    theirs = settings_from(environment, host_names(said.riverhead, said.openlineage, said.home, environment))

    settings = settings_from({**environment, **exported(findings_in(environment))})

    assert (settings.spool_root, settings.sinks) == (theirs.spool_root, theirs.sinks)
    assert (settings.spool_root, settings.sinks) != (
        settings_from(environment).spool_root,
        settings_from(environment).sinks,
    )


def test_no_line_is_told_where_commands_have_the_same_settings(tmp_path: Path) -> None:
    cfg = f"[openlineage]\ntransport = {HTTP}\n"

    [(level, _)] = findings_in(environment_of(tmp_path, cfg, OPENLINEAGE_URL="http://lake:5000"))

    assert level == "ok"


def test_a_key_of_a_transport_is_never_said_and_the_line_takes_it_from_where_it_stands(tmp_path: Path) -> None:
    cfg = f"[openlineage]\ntransport = {WITH_KEY}\n"
    by_file = findings_in(environment_of(tmp_path, cfg))
    by_variable = findings_in(environment_of(tmp_path, None, AIRFLOW__OPENLINEAGE__TRANSPORT=WITH_KEY))

    assert CANARY not in str(by_file + by_variable)
    assert by_file[1][1].endswith('export OPENLINEAGE__TRANSPORT="$(airflow config get-value openlineage transport)"')
    assert by_variable[1][1].endswith('export OPENLINEAGE__TRANSPORT="$AIRFLOW__OPENLINEAGE__TRANSPORT"')


@pytest.mark.parametrize("key", ["transport", "namespace"])
def test_a_lone_percent_sign_takes_away_its_key_alone_and_none_of_its_value_is_said(key: str, tmp_path: Path) -> None:
    cfg = f"[riverhead]\nspool_dir = {tmp_path}/spool\n[openlineage]\n{key} = {{pre%{CANARY}}}\n"

    found = findings_in(environment_of(tmp_path, cfg))

    assert found[0][0] == "problem"
    assert f"[openlineage] {key} in airflow.cfg cannot be read by Airflow" in found[0][1]
    assert any(f"in {tmp_path}/spool/0/waiting" in text for _, text in found)
    assert CANARY not in str(found)


def test_records_wait_where_the_destination_cannot_be_read_though_a_variable_names_another(tmp_path: Path) -> None:
    cfg = "[openlineage]\ntransport = {pre%tail}\n"

    found = findings_in(environment_of(tmp_path, cfg, OPENLINEAGE_URL="http://lake:5000"))

    assert any("keep records for nowhere yet" in text for _, text in found)


def test_secrets_of_addresses_are_never_said(tmp_path: Path) -> None:
    transport = json.dumps({"type": "http", "url": f"http://me:{CANARY}@lake:5000/x?token={CANARY}"})

    assert CANARY not in str(findings_in(environment_of(tmp_path, f"[openlineage]\ntransport = {transport}\n")))


def test_unknown_keys_of_our_section_are_problems_with_a_suggestion(tmp_path: Path) -> None:
    cfg = "[riverhead]\nurl = http://lake:5000\nspol_dir = /x\n"

    problems = [text for level, text in findings_in(environment_of(tmp_path, cfg)) if level == "problem"]

    assert problems == [
        "unknown setting [riverhead] spol_dir in airflow.cfg; did you mean spool_dir?",
        "unknown setting [riverhead] url in airflow.cfg; did you mean [openlineage] transport?",
    ]


def test_what_is_wrong_in_the_environment_itself_is_not_said_twice(tmp_path: Path) -> None:
    found = findings_in(environment_of(tmp_path, "[core]\n", RIVERHEAD_SPOL_DIR="/x"))

    assert [level for level, _ in found] == ["ok"]


def test_a_value_that_cannot_be_read_is_a_problem_of_the_place_where_it_stands(tmp_path: Path) -> None:
    cfg = f"[openlineage]\ntransport = {{{CANARY}\n"

    found = findings_in(environment_of(tmp_path, cfg))

    assert found[0][0] == "problem"
    assert found[0][1].startswith("[openlineage] transport in airflow.cfg is no valid JSON")
    assert CANARY not in str(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[riverhead]\n{CANARY}\n", "ParsingError, line 2"),
        (f"spool_dir = {CANARY}\n", "MissingSectionHeaderError, line 1"),
        (f"[riverhead]\nurl = {CANARY}\nurl = {CANARY}\n", "DuplicateOptionError, line 3"),
    ],
)
def test_a_file_that_airflow_could_not_read_is_one_problem_without_its_content(
    text: str, said: str, tmp_path: Path
) -> None:
    [(level, problem)] = findings_in(environment_of(tmp_path, text))

    assert level == "problem"
    assert said in problem
    assert f"{tmp_path}/airflow.cfg" in problem
    assert CANARY not in problem


def test_a_file_that_this_user_may_not_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = environment_of(tmp_path, "[riverhead]\n")

    def refused(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)

    [(level, problem)] = findings_in(environment)

    assert level == "problem"
    assert "cannot be read by this user (Permission denied)" in problem


def test_a_command_for_a_setting_is_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    cfg = f"[riverhead]\nspool_dir_cmd = touch {trace}\n[openlineage]\ntransport_cmd = touch {trace}\n"

    by_file = findings_in(environment_of(tmp_path, cfg))
    cfg = f"[openlineage]\ntransport = {HTTP}\n"
    by_variable = findings_in(environment_of(tmp_path, cfg, AIRFLOW__OPENLINEAGE__TRANSPORT_CMD=f"touch {trace}"))

    assert ("problem", "unknown setting [riverhead] spool_dir_cmd in airflow.cfg; did you mean spool_dir?") in by_file
    assert ("note", "[openlineage] transport_cmd is not read by riverhead; use transport") in by_file
    assert ("note", "[openlineage] transport_cmd is not read by riverhead; use transport") in by_variable
    assert any("keep records for http://lake:5000" in text for _, text in by_variable)
    assert not trace.exists()


def test_tasks_that_observe_nothing_are_worth_a_note(tmp_path: Path) -> None:
    found = findings_in(environment_of(tmp_path, "[riverhead]\ndisabled = True\n"))

    assert found[0][0] == "note"
    assert "observe nothing" in found[0][1]
