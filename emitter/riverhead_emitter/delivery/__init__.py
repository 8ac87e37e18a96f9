"""Sending what the spool holds: the drainer, and one module per kind of sink."""
