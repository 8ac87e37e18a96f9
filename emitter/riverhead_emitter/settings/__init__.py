"""Configuration, read once at the edge: OpenLineage's own names and ours → one frozen `Settings`."""

from riverhead_emitter.settings.child import as_environment, without_configuration
from riverhead_emitter.settings.http_transport import web_address
from riverhead_emitter.settings.keys import OUR_KEYS, SHOWN_IN, misspelt_keys, unknown_key_sentence, unknown_keys
from riverhead_emitter.settings.reading import configuration_found, settings_from, settings_or_waiting
from riverhead_emitter.settings.sinks import (
    ConsoleSink,
    FileSink,
    HttpSink,
    KafkaSink,
    OfficialSink,
    Sink,
    TokenEndpoint,
)
from riverhead_emitter.settings.texts import truth
from riverhead_emitter.settings.values import Settings

__all__ = ["OUR_KEYS", "ConsoleSink", "FileSink", "HttpSink", "KafkaSink", "OfficialSink", "Settings", "Sink"]
__all__ += ["TokenEndpoint", "as_environment", "configuration_found", "settings_from", "settings_or_waiting"]
__all__ += [
    "SHOWN_IN",
    "misspelt_keys",
    "truth",
    "unknown_key_sentence",
    "unknown_keys",
    "web_address",
    "without_configuration",
]
