"""The openlineage.yml that the official client would find; only this module needs PyYAML, and only if there is one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.loading import loading
from riverhead_emitter.printable import printable
from riverhead_emitter.settings.official_names import bounded_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG = "OPENLINEAGE_CONFIG"
_NAME = "openlineage.yml"
# PyYAML reads some 0.2 MB a second, in every process that is configured so.
_LONGEST_PATH = 1_000
_LARGEST = 1 << 16


def config_file(values: Mapping[str, str]) -> str | None:
    """Return the first that can be read: the one that is named, or the one here, or the one in the home directory."""
    named, home = values.get(CONFIG), values.get("HOME")
    candidates = (named, _NAME, f"{home}/.openlineage/{_NAME}" if home else None)
    return next((str(Path(path).absolute()) for path in candidates if path and _is_readable(path)), None)


def document_in(path: str) -> dict[str, Any]:
    """Return what the file says; an empty one says nothing."""
    name = printable(path, _LONGEST_PATH)
    try:
        with loading():
            import yaml
    except ImportError as error:
        raise ConfigurationError(
            f"{name} cannot be read without PyYAML; install it (pip install pyyaml), or use OPENLINEAGE__… variables"
        ) from error
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise ConfigurationError(f"{name} is larger than {_LARGEST} characters")
        found = bounded_tree(name, yaml.safe_load(text) or {})
    except yaml.MarkedYAMLError as error:
        # Its own message repeats the line, which may hold a key.
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise ConfigurationError(f"{name} is no valid YAML{line}") from error
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{name} cannot be read ({type(error).__name__})") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"{name} must hold keys such as transport:, not a {type(found).__name__}")
    return found


def _is_readable(path: str) -> bool:
    try:
        return Path(path).is_file() and os.access(path, os.R_OK)
    except (OSError, ValueError):
        return False
