"""The one place that says which release this is."""

VERSION = "0.1.0"

# OpenLineage wants a URI for who produced an event; a URN needs no address that could go stale.
PRODUCER = f"urn:riverhead:{VERSION}"
