"""Typed builders for facets, one module per part of an event; import the module that you need."""
