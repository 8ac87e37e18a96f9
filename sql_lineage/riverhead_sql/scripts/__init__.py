"""A script: its statements one after the other, and what names mean at each moment of it."""

from riverhead_sql.scripts.script import answer

__all__ = ["answer"]
