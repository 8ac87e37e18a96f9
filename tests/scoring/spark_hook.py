"""Riverhead's Spark listener as the shared runner of cases attaches it: `--hook spark_hook:install`.

The product does the whole work, from the tap over the spool to the file. The runner reads the file as soon as the
listener bus is empty, so a gate on the bus (Gate.java) holds each end back until its events have been delivered.
"""

from __future__ import annotations

import re
import tempfile
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from riverhead_emitter import understand
from riverhead_spark import listening
from riverhead_spark.tap.poll import Tap

if TYPE_CHECKING:
    from riverhead_spark import Listening

_DRAIN_SECONDS = 30.0
_QUEUE, _GROUP = "riverhead", "riverhead.interpreters"


def install(spark: Any, events_path: str) -> Listening:
    """Listen to this session's application and append its events to the file, one a line."""
    conf = spark.sparkContext._jsc.sc().conf()
    settings = {
        "spark.openlineage.transport.type": "file",
        "spark.openlineage.transport.location": str(events_path),
        "spark.riverhead.spoolDir": tempfile.mkdtemp(prefix="riverhead-scoring-"),
    }
    for name, value in settings.items():
        conf.set(name, value)
    _find_interpreters()
    with mock.patch.object(listening, "Tap", GatedTap):
        found = listening.listen(spark)
    if not found.is_listening:
        raise RuntimeError("riverhead does not listen to this application; what it said stands above")
    found._tap.outbox = found._outbox  # type: ignore[union-attr]  # who listens has one
    return found


def _find_interpreters() -> None:
    """Rooms are found by their entry points, which a checkout that is only on the path does not have."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    section = re.search(rf'"{re.escape(_GROUP)}"]\n((?:.+\n)+)', project.read_text(encoding="utf-8"))
    named = re.findall(r'^"([^"]+)" = "([^"]+)"', section[1], re.MULTILINE) if section else []
    known = {**{name: EntryPoint(name, value, _GROUP) for name, value in named}, **understand.registered()}
    understand.registered = lambda: known  # type: ignore[assignment]  # it is cached, and this is its answer from now on


class GatedTap(Tap):
    """A tap whose gate lets an end through once its events are delivered."""

    def __init__(self, context: Any, cache: Path | None = None) -> None:
        """Put the gate behind the tap on its queue of the bus."""
        super().__init__(context, cache)
        self.outbox: Any = None
        self._mark = 0
        self._gate = _gate(context, self._tap)
        context._jsc.sc().listenerBus().addToQueue(self._gate, _QUEUE)

    def poll(self) -> list[dict[str, Any]] | None:
        """Return the next records without the gate's marks; whoever asks for them has dealt with the ones before."""
        if self._mark:
            self.outbox.drain(_DRAIN_SECONDS)
            self._gate.letThrough(self._mark)
        records = super().poll()
        if records is None:
            self._gate.open()
            return None
        self._mark = max((record["number"] for record in records if record["what"] == "mark"), default=0)
        return [record for record in records if record["what"] != "mark"]


def _gate(context: Any, tap: Any) -> Any:
    gateway = context._gateway
    compiler = gateway.jvm.org.codehaus.janino.SimpleCompiler()
    compiler.setParentClassLoader(context._jsc.sc().getClass().getClassLoader())
    compiler.cook(Path(__file__).with_name("Gate.java").read_text(encoding="utf-8"))
    arguments = gateway.new_array(gateway.jvm.java.lang.Object, 1)
    arguments[0] = tap
    return compiler.getClassLoader().loadClass("riverhead.scoring.Gate").getConstructors()[0].newInstance(arguments)
