"""Whom this process listens to: `listen(spark)` attaches once to each application, `stop(spark)` leaves it."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import weakref
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.guard import failures_here, guard
from riverhead_emitter.settings import settings_or_waiting
from riverhead_spark.application import application_name, application_run_id, parent_facts
from riverhead_spark.code.driver import watch_code
from riverhead_spark.code.script import script_facts
from riverhead_spark.ending import watch
from riverhead_spark.executions import Actions
from riverhead_spark.following import Listening, Records
from riverhead_spark.own_run import OwnRun
from riverhead_spark.settings import captured_properties, complaints, said_by
from riverhead_spark.tap.compiled_cache import cache_folder
from riverhead_spark.tap.details import details_of
from riverhead_spark.tap.fallback import Fallback
from riverhead_spark.tap.jvm import jvm_error
from riverhead_spark.tap.poll import Tap, conf_of
from riverhead_spark.termination import tell_on_termination

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from riverhead_emitter.guard import FailureLog
    from riverhead_emitter.settings import Settings
    from riverhead_spark.code.driver import DriverCode
    from riverhead_spark.settings.conf import Said

log = logging.getLogger(__name__)

_WITHOUT_COMPILER = (
    "the compiler inside Spark cannot be used here; plans are asked for call by call, the largest only in part, and "
    "nothing is known of what queries counted and used (`riverhead doctor` says why)"
)


class _Latest(NamedTuple):
    application: str
    listening: Listening


# One is enough: a process has one SparkContext at a time, and the end of one ends its listening.
_latest: _Latest | None = None
_lock = threading.Lock()
# How often each application has been listened to: it may be left, and listened to again.
_times: Counter[str] = Counter()


def _unlocked() -> None:
    """Another thread may have been about to listen when this process was forked off."""
    global _lock  # noqa: PLW0603 - a lock cannot be taken back from a thread that is not there
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlocked)


def listen(spark: Any) -> Listening:
    """Observe every query of this session's application; a second call returns the first's answer."""
    failures = failures_here(os.environ)
    with guard("attaching to Spark", failures):
        heard = _heard(spark)
        with _lock:
            return _listened_to(heard, _id_of(heard), failures)
    return Listening(None, None, Actions({}), failures)


def _listened_to(heard: Any, application: str, failures: FailureLog) -> Listening:
    global _latest  # noqa: PLW0603 - what this process listens to is a fact of the process
    if _latest is None or _latest.application != application:
        if _latest is not None:
            _latest.listening.leave()
        # What cannot be listened to is tried, and complained of, once.
        _latest = _Latest(application, Listening(None, None, Actions({}), failures))
        with guard("attaching to Spark", failures):
            listening = _client_listening(heard) if _is_client(heard) else _listening(heard)
            _latest = _Latest(application, listening)
            tell_on_termination(listening.terminate)
    return _latest.listening


def stop(spark: Any) -> None:
    """Observe this session's application no longer."""
    global _latest  # noqa: PLW0603 - what this process listens to is a fact of the process
    with guard("leaving Spark", failures_here(os.environ)):
        application = _id_of(_heard(spark))
        with _lock:
            left = _latest
            if left is None or left.application != application:
                return
            _latest = None
        left.listening.close()


def _heard(spark: Any) -> Any:
    """Return what is listened to: a SparkContext or, where this process has none, the client of a Connect server."""
    if not _is_client(spark):
        # A SparkContext will do as well as a session.
        return getattr(spark, "sparkContext", spark)
    return _context_of_this_process() or spark


def _is_client(spark: Any) -> bool:
    return type(spark).__module__.startswith("pyspark.sql.connect")


def _id_of(heard: Any) -> str:
    return str(heard.client._session_id if _is_client(heard) else heard.applicationId)  # noqa: SLF001 - of Spark 3.5 on


def _context_of_this_process() -> Any:
    """Return the context in which a local Spark Connect server runs; a client of another machine has none."""
    modules = (sys.modules.get(name) for name in ("pyspark.core.context", "pyspark.context"))
    contexts = next((module.SparkContext for module in modules if module is not None), None)
    return getattr(contexts, "_active_spark_context", None)


def _client_listening(session: Any) -> Listening:
    # Most applications have a driver of their own.
    from riverhead_spark.connect.client import ClientTap, client_facts
    from riverhead_spark.connect.requests import KIND

    _say_what_a_client_knows()
    emitter = Emitter(_settings(os.environ, said_by({})))
    if emitter.settings.is_disabled:
        return Listening(None, None, Actions({}), emitter.failures)
    actions = Actions(client_facts(session, emitter.settings.namespace, os.environ), KIND)
    listening = Listening(ClientTap(session, emitter.failures), emitter, actions, emitter.failures)
    emitter.drain_in_background()
    return listening


@cache
def _say_what_a_client_knows() -> None:
    """Say it once: a client makes a session for every reconnection."""
    log.warning("lineage: a Spark Connect client knows names and no columns; listen where the server runs")


def _listening(context: Any) -> Listening:
    conf = conf_of(context)
    said = said_by(conf)
    emitter = Emitter(_settings(os.environ, said))
    if emitter.settings.is_disabled:
        return Listening(None, None, Actions({}), emitter.failures)
    watch()
    application = _facts(context, conf, emitter.settings.namespace)
    own_run = _own_run(context, conf, application, emitter)
    code = _code(context, emitter.failures)
    tap = _tap(context, cache_folder({**os.environ, **said.names}), emitter.failures)
    listening = Listening(tap, emitter, Actions(application), emitter.failures, own_run=own_run, code=code)
    emitter.drain_in_background()
    return listening


def _tap(context: Any, cache: Path | None, failures: FailureLog) -> Records:
    try:
        return Tap(context, cache)
    except jvm_error() as error:
        fallback = Fallback(context, failures)
        failures.record("compiling the tap", error)
        log.warning("lineage: %s", _WITHOUT_COMPILER)
        return fallback


def _settings(environment: Mapping[str, str], said: Said) -> Settings:
    settings, problem = settings_or_waiting(environment, said.names)
    for found in (*complaints(said, environment), problem):
        if found:
            log.warning("lineage: %s", found)
    return settings


def _facts(context: Any, conf: Mapping[str, str], namespace: str) -> dict[str, Any]:
    id_, started = context.applicationId, context.startTime
    times = _times[id_]
    _times[id_] += 1
    return {
        "id": id_,
        "run_id": application_run_id(id_, started, times),
        "started": int(time.time() * 1000) if times else started,
        "name": application_name(conf, context.appName),
        "spark_version": context.version,
        "user": context.sparkUser(),
        "namespace": namespace,
        "code": script_facts(),
        **parent_facts(conf, os.environ),
    }


def _code(context: Any, failures: FailureLog) -> DriverCode | None:
    with guard("watching the driver's code", failures):
        return watch_code(context, failures)
    return None


def _own_run(context: Any, conf: Mapping[str, str], application: Mapping[str, Any], emitter: Emitter) -> OwnRun:
    # A context that nobody holds any more is over, and must not be held by who waits for its end.
    held, asked_for = weakref.ref(context), captured_properties(conf)
    return OwnRun(
        application,
        emitter,
        lambda: details_of(held(), asked_for),
        lambda: getattr(held(), "_jsc", None) is None,
        emitter.failures,
    )
