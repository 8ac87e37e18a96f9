"""Run pytest in the `dev` environment and tell it where the hosts' interpreters and Java are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import environments
import kafka_runtime
import spark_jars


def main(words: list[str]) -> None:
    """Become pytest."""
    settings = dict(os.environ)
    for name in environments.ENVIRONMENTS:
        host = environments.HOME / name / "bin" / "python"
        if "-" in name and host.exists():
            settings[f"RIVERHEAD_TEST_{name.upper().replace('-', '_').replace('.', '_')}"] = str(host)
    if kafka_runtime.is_made(environments.HOME / "kafka"):
        settings["RIVERHEAD_TEST_KAFKA"] = str(environments.HOME / "kafka" / "jars")
    for version in spark_jars.ARTIFACTS:
        jars = environments.HOME / "spark-jars" / version
        if spark_jars.is_made(jars, version):
            settings[f"RIVERHEAD_TEST_SPARK_JARS_{version.replace('.', '_')}"] = str(jars / "jars")
    home = environments.java_home()
    if home is not None:
        settings["JAVA_HOME"] = str(home)
    python = str(environments.HOME / "dev" / "bin" / "python")
    os.chdir(environments.ROOT)
    os.execve(python, [python, "-m", "pytest", *words], settings)  # noqa: S606 - becoming pytest keeps its signals and exit code


if __name__ == "__main__":
    main(sys.argv[1:])
