"""Events to an OpenLineage endpoint over HTTP; no header ever reaches another origin."""

from riverhead_emitter.delivery.http.sender import HttpSender

__all__ = ["HttpSender"]
