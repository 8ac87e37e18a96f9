"""A real Kafka broker on loopback: one process of `java`, which is broker and controller at once."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conditions import await_that

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

_JARS = "RIVERHEAD_TEST_KAFKA"
_MEMORY = ("-Xms64m", "-Xmx256m", "-XX:TieredStopAtLevel=1")
_CONFIGURATION = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/data
num.partitions=4
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
message.max.bytes=1000000
"""


class Broker:
    """A broker that can be killed and started again on its port, with its data."""

    def __init__(self, folder: Path) -> None:
        pytest.importorskip("confluent_kafka", reason="confluent-kafka is not installed here")
        jars = os.environ.get(_JARS)
        if not jars:
            pytest.skip("no Kafka broker was brought: python3 tools/environments.py kafka (needs Maven)")
        home = os.environ.get("JAVA_HOME")
        java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
        if java is None:
            pytest.skip("no Java is installed here, so no broker can be started")
        self.port, controller = _free_ports(2)
        self.servers = f"127.0.0.1:{self.port}"
        self._folder = folder
        self._java = [java, *_MEMORY, "-cp", f"{jars}/*"]
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._configuration = folder / "server.properties"
        self._configuration.write_text(
            _CONFIGURATION.format(port=self.port, controller=controller, folder=folder), encoding="utf-8"
        )

    def __enter__(self) -> Self:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # One word with its option: one id of 64 begins like an option itself.
        words = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(self._configuration)]
        done = subprocess.run([*self._java, *words], capture_output=True, text=True, timeout=90, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self, seconds: float = 90.0) -> None:
        """Start the broker and wait until it answers."""
        with (self._folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._java, "kafka.Kafka", str(self._configuration)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        await_that(self._is_ready, "the broker answers", seconds)

    def kill(self) -> None:
        """End the broker as a power failure would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(20)
            self._process = None

    def messages(self, topic: str, count: int, seconds: float = 30.0) -> list[Message]:
        """Return at least so many messages of a topic, and whatever comes within a second behind them."""
        import confluent_kafka

        consumer = confluent_kafka.Consumer(
            {"bootstrap.servers": self.servers, "group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest"}
        )
        found: list[Message] = []
        deadline = time.monotonic() + seconds
        try:
            consumer.subscribe([topic])
            while len(found) < count and time.monotonic() < deadline:
                found += [Message(one) for one in consumer.consume(1000, 0.2) if one.error() is None]
            found += [Message(one) for one in consumer.consume(1000, 1.0) if one.error() is None]
        finally:
            consumer.close()
        return found

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "broker.log").read_text()[-3000:]
        return self._answers()

    def _answers(self) -> bool:
        import confluent_kafka
        from confluent_kafka.admin import AdminClient

        client = AdminClient({"bootstrap.servers": self.servers, "log_level": "0"})
        try:
            return bool(client.list_topics(timeout=2).brokers)
        except confluent_kafka.KafkaException:
            return False


class Message:
    """What a topic holds: key, value, and in which partition."""

    def __init__(self, message: Any) -> None:
        self.key: str = (message.key() or b"").decode()
        self.value: bytes = message.value()
        self.partition: int = message.partition()


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()
