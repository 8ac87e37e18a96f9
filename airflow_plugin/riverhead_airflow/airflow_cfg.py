"""Airflow's configuration from its file and the environment, without importing Airflow, which takes seconds.

Commands are not run and secrets are not asked for (`…_cmd`, `…_secret`): nothing that the plugin reads comes of them.
"""

from __future__ import annotations

import configparser
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIXES = ("AIRFLOW__RIVERHEAD__", "AIRFLOW__OPENLINEAGE__")
_MOST_EXPANSIONS = 10  # Airflow's own never end where two variables name each other


class AirflowConfiguration(NamedTuple):
    """What Airflow would say of its home, of `[riverhead]` and of `[openlineage]`, and why it could not, if so.

    None in a section is what Airflow cannot read of it.
    """

    file: Path
    home: str
    is_there: bool
    riverhead: dict[str, object]
    openlineage: dict[str, object]
    variables: tuple[str, ...]
    problems: tuple[str, ...]


def airflow_configuration(environment: Mapping[str, str]) -> AirflowConfiguration:
    """Return what Airflow is told here: $AIRFLOW_CONFIG, or airflow.cfg in its home; a problem holds no value of it."""
    home = _expanded(environment.get("AIRFLOW_HOME", "~/airflow"))
    named = environment.get("AIRFLOW_CONFIG")
    file = Path(_expanded(named) if named is not None else os.path.join(home, "airflow.cfg"))  # noqa: PTH118 - as Airflow does
    parser, unread = _parsed(file)
    variables = tuple(sorted(name for name in environment if name.startswith(_PREFIXES)))
    problems = (f"{file}: {unread}",) if unread else ()
    ours, theirs = _section(parser, "riverhead"), _section(parser, "openlineage")
    return AirflowConfiguration(file, home, unread is not None, ours, theirs, variables, problems)


def _parsed(file: Path) -> tuple[configparser.ConfigParser, str | None]:
    """Return the file's sections, and what keeps them from being read: nothing, or None where there is no file."""
    parser = configparser.ConfigParser()
    try:
        parser.read_string(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return parser, None  # Airflow writes one when it first starts
    except OSError as error:
        problem = f"it cannot be read by this user ({error.strerror})"
    except configparser.Error as error:
        # Its own message repeats lines, which may hold passwords.
        problem = f"it is no configuration that Airflow could read ({type(error).__name__}{_line(error)})"
    except ValueError as error:
        problem = f"it is no text ({type(error).__name__})"
    else:
        return parser, ""
    return configparser.ConfigParser(), problem


def _line(error: configparser.Error) -> str:
    listed = getattr(error, "errors", None)
    number = listed[0][0] if listed else getattr(error, "lineno", None)
    return f", line {number}" if number else ""


def _section(parser: configparser.ConfigParser, name: str) -> dict[str, object]:
    """Return a section with None for what of it cannot be read."""
    if not parser.has_section(name):
        return {}
    return {key: _value(parser, name, key) for key in parser.options(name)}


def _value(parser: configparser.ConfigParser, name: str, key: str) -> object:
    with suppress(configparser.InterpolationError):
        return _converted(parser.get(name, key))
    return None


def _converted(value: str) -> object:
    """Return a value as Airflow hands it over: as a number or a truth where it looks like one."""
    for number in (int, float):
        with suppress(ValueError):
            return number(value)
    return {"t": True, "true": True, "f": False, "false": False}.get(value.lower(), value)


def _expanded(path: str) -> str:
    for _ in range(_MOST_EXPANSIONS):
        before, path = path, os.path.expanduser(os.path.expandvars(path))  # noqa: PTH111 - as Airflow does
        if path == before:
            break
    return path
