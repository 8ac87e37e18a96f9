"""Everything Riverhead raises on purpose, as one tree.

RiverheadError
├── ConfigurationError     a setting is missing, unknown or malformed
├── UnreadableRecord       a spool line or an observation cannot be understood
├── UnknownObservation     no installed room can interpret this kind of observation
└── Unavailable            something outside (a port, a directory, a server, Java) cannot be used

Each message is one sentence that says what to do next. Inside a host none of them gets past `guard`;
in the `riverhead` command each becomes one line and an exit code.
"""


class RiverheadError(Exception):
    """The root of the tree."""


class ConfigurationError(RiverheadError):
    """A setting is missing, unknown or malformed."""


class UnreadableRecord(RiverheadError):  # noqa: N818 - reads as what it is, not as "…Error"
    """A spool line or an observation cannot be understood."""


class UnknownObservation(RiverheadError):  # noqa: N818 - reads as what it is
    """No installed room can interpret this kind of observation."""


class Unavailable(RiverheadError):  # noqa: N818 - reads as what it is
    """Something outside (a port, a directory, a server, Java) cannot be used."""
