"""Spark's conf → the emitter's flat names. Pure."""

from riverhead_spark.settings.conf import Said, captured_properties, complaints, said_by

__all__ = ["Said", "captured_properties", "complaints", "said_by"]
