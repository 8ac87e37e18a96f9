"""The product's main job, for real: a DAG under a real Airflow, a PySpark job behind it, the catalog, an answer.

    make demo        serves the catalog's page until interrupted
    make demo CI=1   ends by itself; the exit code says whether everything held

Everything it makes is in `.demo/` and `.venv/`; nothing listens beyond loopback.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

import airflow_stack
import environments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOME = environments.ROOT / ".demo"
DAG = "shop_daily"
ANSWERED_COLUMN = "daily_revenue.parquet.revenue"
FAVOURITE_PORT = 5000
# What a task's lineage may take from the end of the DAG to the catalog.
PATIENCE_SECONDS = 60.0


class DemoError(Exception):
    """The demo cannot go on; the message says what to do."""


def main() -> int:
    """Run the demo; say what went wrong in one sentence."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--end", action="store_true", help="end after the answer instead of serving the page")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        _demo(serve_on=not options.end)
    except (DemoError, environments.SetUpError, airflow_stack.AirflowStackError, OSError) as error:
        print(f"\nThe demo stopped: {environments.in_a_sentence(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnded.")
    return 0


def _demo(*, serve_on: bool) -> None:
    say = _clock()
    say("making the environments (only the first run takes long)")
    pythons = {name: environments.make(name) for name in ("catalog", "airflow-3.3", "spark-4.3")}
    java_home = environments.java_home()
    (HOME / "data").mkdir(parents=True, exist_ok=True)
    with _catalog(pythons["catalog"], say) as url:
        environment = _airflow_environment(url, pythons["spark-4.3"], java_home)
        dags = environments.ROOT / "dags_examples"
        with airflow_stack.airflow(pythons["airflow-3.3"], HOME / "airflow", dags, environment, say=say) as stack:
            known = {run["id"] for run in _runs(url)}
            say(f"triggering the DAG {DAG}")
            run_id = stack.trigger(DAG, seconds=240)
            state = stack.wait_for(DAG, run_id, seconds=420)
            if state != "success":
                raise DemoError(f"the DAG run ended as {state!r}; its logs are in {HOME / 'airflow' / 'logs'}")
            say("the DAG has ended; waiting for its lineage to arrive")
            run = _await_arrival(url, known)
        _show(pythons["catalog"], url, run, say)
        if serve_on:
            print(f"\nThe catalog's page: {url}\nCtrl-C ends it.", flush=True)
            signal.pause()


def _clock() -> Callable[[str], None]:
    start = time.monotonic()
    return lambda line: print(f"[{time.monotonic() - start:5.1f} s] {line}", flush=True)


@contextlib.contextmanager
def _catalog(python: Path, say: Callable[[str], None]) -> Iterator[str]:
    port = FAVOURITE_PORT if _is_free(FAVOURITE_PORT) else airflow_stack.free_port()
    url = f"http://127.0.0.1:{port}"
    log = HOME / "catalog.log"
    say(f"starting the catalog at {url}")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                *(str(python), "-m", "riverhead", "serve", "--host", "127.0.0.1", "--port", str(port)),
                *("--store", str(HOME / "catalog.db"), "--no-drain"),
            ],
            env=_clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(lambda: process.poll() is not None or _get(url, "/healthz") is not None, "the catalog answers", 30)
        if process.poll() is not None:
            raise DemoError(f"the catalog did not start:\n{log.read_text(errors='replace')[-1500:]}")
        yield url
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _airflow_environment(url: str, spark_python: Path, java_home: Path | None) -> dict[str, str]:
    database = HOME / "data" / "shop.duckdb"
    return {
        "AIRFLOW_CONN_SHOP_DUCKDB": json.dumps({"conn_type": "duckdb", "host": str(database)}),
        # The official provider is only a library here: its own listener would send everything twice.
        "AIRFLOW__OPENLINEAGE__DISABLED": "True",
        "OPENLINEAGE_URL": url,
        "OPENLINEAGE_NAMESPACE": "demo",
        "SHOP_DATA": str(HOME / "data"),
        "SHOP_SPARK_PYTHON": str(spark_python),
        **({"JAVA_HOME": str(java_home)} if java_home else {}),
    }


def _await_arrival(url: str, known: set[str]) -> dict[str, Any]:
    """Return the DAG's new run once the catalog has its end, which is sent after all that it started."""
    found: list[dict[str, Any]] = []

    def has_arrived() -> bool:
        found[:] = [run for run in _runs(url) if run["id"] not in known and run["state"] == "COMPLETED"]
        return bool(found)

    _await(has_arrived, "the DAG's run is COMPLETED in the catalog", PATIENCE_SECONDS)
    return found[0]


def _runs(url: str) -> list[dict[str, Any]]:
    answer = _get(url, f"/api/v1/namespaces/demo/jobs/{DAG}/runs?limit=100") or {}
    return list(answer.get("runs", []))


def _show(python: Path, url: str, run: dict[str, Any], say: Callable[[str], None]) -> None:
    say("the answer")
    print(f"\nThe run {run['id']} of {DAG}: {run['state']}, {run.get('durationMs') or 0} ms")
    for namespace in _names(url, "/api/v1/namespaces", "namespaces"):
        listed = f"/api/v1/namespaces/{urllib.parse.quote(namespace, safe='')}/datasets?limit=100"
        for dataset in _names(url, listed, "datasets"):
            print(f"  dataset {namespace} {dataset}")
    print(f"\nWhere does {ANSWERED_COLUMN} come from?\n", flush=True)
    question = [str(python), "-m", "riverhead", "upstream", ANSWERED_COLUMN, "--catalog", url]
    if subprocess.run(question, env=_clean_environment(), check=False).returncode != 0:
        raise DemoError("the catalog could not answer; see the sentence above")


def _clean_environment() -> dict[str, str]:
    """The person's own lineage settings are for their hosts, not for the demo's."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("OPENLINEAGE", "RIVERHEAD"))}


def _names(url: str, path: str, key: str) -> list[str]:
    return [str(entry["name"]) for entry in (_get(url, path) or {}).get(key, [])]


def _get(url: str, path: str) -> dict[str, Any] | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url + path, timeout=5) as answer:
            found = json.load(answer)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else {}


def _await(is_so: Callable[[], bool], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise DemoError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.2)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
