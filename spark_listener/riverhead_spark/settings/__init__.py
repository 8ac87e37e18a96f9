"""Spark's conf → the emitter's flat names. Pure."""

from riverhead_spark.settings.conf import Said, complaints, said_by

__all__ = ["Said", "complaints", "said_by"]
