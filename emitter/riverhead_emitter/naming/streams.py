"""Topics, subscriptions, and what only ever lies in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming.hosts import host_and_port, namespace

if TYPE_CHECKING:
    from riverhead_emitter.naming.hosts import Aliases

_KAFKA_PORT = 9092


def kafka_topic(servers: str, topic: str, aliases: Aliases | None = None) -> Dataset:
    """Return the dataset of a topic, given the brokers with which clients start.

    Clients list the same brokers in different orders, so the first by name stands for all.
    """
    brokers = [part.strip().rpartition("://")[2] for part in servers.split(",") if part.strip()] or [""]
    host, port = min((host_and_port(broker) for broker in brokers), key=lambda place: (place[0], place[1] or 0))
    return Dataset(namespace("kafka", host, port, _KAFKA_PORT, aliases or {}), topic)


def pubsub(project: str, name: str, kind: str = "topic") -> Dataset:
    """Return the dataset of a Pub/Sub topic or subscription (`kind`), `name` perhaps as `projects/p/topics/t`."""
    parts = name.strip("/").split("/")
    if len(parts) == 4 and parts[0] == "projects":  # noqa: PLR2004 - projects/{project}/{kind}s/{name}
        project, kind, name = parts[1], parts[2].removesuffix("s"), parts[3]
    return Dataset("pubsub", f"{kind}:{project}:{name}")


def in_memory(name: str) -> Dataset:
    """Return the dataset of something temporary that no store keeps."""
    return Dataset("inmemory://", name)
