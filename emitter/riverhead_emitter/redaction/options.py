"""Options of connections, readers, writers and jobs: only what is known to hold no secret keeps its value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.redaction.mask import MASK
from riverhead_emitter.redaction.scanning import REDACTION, Redaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# In lower case; a star at the end stands for anything.
SAFE_OPTIONS: frozenset[str] = frozenset(
    """
    autocommit batchsize bootstrap.servers catalog charset client.id columnnamescale columnnameofcorruptrecord
    compression database dataset dateformat dbname dbtable delimiter dialect driver encoding endingoffsets escape
    fetchsize format group.id header host inferschema isolationlevel kafka.bootstrap.servers linesep locale
    lowerbound mergeschema mode multiline nullvalue numpartitions overwriteschema partitioncolumn path port project
    protocol quote recursivefilelookup region region_name replacewhere schema security.protocol sep service_name sid
    sslmode startingoffsets starttimestamp subscribe subscribepattern table timestampasof timestampformat timezone
    topic truncate upperbound url versionasof warehouse writedisposition spark.app.id spark.app.name
    spark.default.parallelism spark.driver.cores spark.driver.memory spark.dynamicallocation.* spark.executor.cores
    spark.executor.instances spark.executor.memory spark.master spark.serializer spark.shuffle.*
    spark.submit.deploymode spark.version spark.sql.adaptive.* spark.sql.ansi.enabled
    spark.sql.catalogimplementation spark.sql.extensions spark.sql.session.timezone spark.sql.shuffle.partitions
    spark.sql.warehouse.dir
    """.split()  # noqa: SIM905 - sixty names are read more easily as text
)
# Whatever list a name is on, with one of these in it its value is hidden.
_NEVER = ("pass", "pwd", "secret", "token", "key", "credential", "signature", "auth", "cookie", "jaas")


def allowed_options(
    options: Mapping[str, object], more: Iterable[str] = (), redaction: Redaction = REDACTION
) -> dict[str, object]:
    """Return every option's name, with its value where the name is safe or among `more`, scrubbed, or else the mask."""
    listed = SAFE_OPTIONS.union(name.lower() for name in more)
    begun = tuple(name[:-1] for name in listed if name.endswith("*"))
    return {
        str(name): _kept(value, redaction) if _is_safe(str(name).lower(), listed, begun) else MASK
        for name, value in options.items()
    }


def _is_safe(name: str, listed: frozenset[str], begun: tuple[str, ...]) -> bool:
    return (name in listed or name.startswith(begun)) and not any(word in name for word in _NEVER)


def _kept(value: object, redaction: Redaction) -> object:
    return value if value is None or isinstance(value, bool | int | float) else redaction.scrubbed(str(value))
