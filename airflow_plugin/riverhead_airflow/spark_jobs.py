"""A Spark job that an operator submits is listened to, with no line of it changed.

Spark's room packs itself by its command. A driver on this machine finds the pack in its environment, which cannot make
a submission fail; one that a cluster starts gets it among its files. Python loads it before the job's own code.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from riverhead_emitter.errors import Unavailable
from riverhead_emitter.settings import as_environment, without_configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from riverhead_emitter.settings import Settings

_OPERATOR = "SparkSubmitOperator"
_PYTHON = ".py"
_PATH = "PYTHONPATH"
_CLUSTER = "cluster"
# To Spark these part its files, or stand for several.
_MEANS_MORE = re.compile(r"[,#?*\[\]{}]")
# Linux starts no process with a variable of 128 KiB.
_LONGEST = 100_000
_UPLOADS = "spark.kubernetes.file.upload.path"
_DESTINATION = ("OPENLINEAGE_", "RIVERHEAD_")


def attach(
    operator: Any,
    settings: Settings,
    environment: Mapping[str, str],
    packed: Callable[[], Path],
    master_of: Callable[[str], str],
) -> dict[str, str | None]:
    """Have a Spark job listened to; return what is to be changed in this process's environment while it runs.

    Where events go, and with which key, is said there only: a job's settings stand on its command line.
    """
    if not takes_listener(type(operator), _said(operator, "application")):
        return {}
    conf = _said(operator, "conf") or {}
    if (_said(operator, "deploy_mode") or conf.get("spark.submit.deployMode")) == _CLUSTER:
        if _takes_files(operator, conf, master_of):
            _add_file(operator, conf, str(packed()))
        return {}
    own = _said(operator, "env_vars") or {}
    # Whoever says there where events go means the job.
    lent = {} if any(name.startswith(_DESTINATION) for name in own) else _destination(settings, environment)
    if any(len(value or "") > _LONGEST for value in lent.values()):
        raise Unavailable("what says where events go is too long for a process's environment")
    path = os.pathsep.join(filter(None, [str(packed()), own.get(_PATH) or environment.get(_PATH)]))
    if _PATH in own:
        _say(operator, "env_vars", {**own, _PATH: path})
    return {**lent, _PATH: path}


def takes_listener(kind: type, application: object) -> bool:
    """True for an operator of this class that submits this application: a program in Python."""
    is_submitted = any(line.__name__ == _OPERATOR for line in kind.__mro__)
    return is_submitted and isinstance(application, str) and application.endswith(_PYTHON)


def _destination(settings: Settings, environment: Mapping[str, str]) -> dict[str, str | None]:
    """Return what makes a process send where this host does, whatever its environment says beside."""
    others = environment.keys() - without_configuration(environment).keys()
    return {**dict.fromkeys(others), **as_environment(settings)}


def _takes_files(operator: Any, conf: Mapping[str, Any], master_of: Callable[[str], str]) -> bool:
    """On Kubernetes a file of this machine must be uploaded, and a job that names no place for that would fail."""
    return _UPLOADS in conf or not master_of(str(_said(operator, "conn_id") or "")).startswith("k8s")


def _add_file(operator: Any, conf: Mapping[str, Any], packed: str) -> None:
    # What the operator says takes the place of what its conf says.
    said = _said(operator, "py_files") or conf.get("spark.submit.pyFiles") or ""
    if not isinstance(said, str) or _MEANS_MORE.search(packed):
        raise Unavailable(f"cannot be among the files of a Spark job: {packed}")
    files = [file for file in said.split(",") if file]
    if packed not in files:
        _say(operator, "py_files", ",".join([*files, packed]))


def _said(operator: Any, name: str) -> Any:
    # Releases of the provider differ in which of its settings have the underscore.
    return getattr(operator, name, None) or getattr(operator, f"_{name}", None)


def _say(operator: Any, name: str, value: object) -> None:
    setattr(operator, name if hasattr(operator, name) else f"_{name}", value)
