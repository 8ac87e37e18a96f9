"""Facets that the specification has no word for, one module per audience; import the one that you need.

Their JSON Schemas ship in `facets/schemas`; `shipped.own_schemas()` reads them.
"""
