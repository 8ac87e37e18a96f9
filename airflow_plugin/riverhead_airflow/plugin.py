"""What Airflow loads: a listener, and the sign that hooks are heard; every Airflow process pays for this import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar

# Whichever of the two loaded us is there already, so that neither import costs anything.
try:
    from airflow.sdk.plugins_manager import AirflowPlugin
except ImportError:
    from airflow.plugins_manager import AirflowPlugin

from riverhead_airflow.listener import Listener, listeners_of
from riverhead_airflow.macros import MACROS
from riverhead_airflow.seeing.reader import LineageReader

if TYPE_CHECKING:
    from collections.abc import Callable


class RiverheadPlugin(AirflowPlugin):  # type: ignore[misc]  # Airflow is never installed beside the type checker
    """Brings the lineage listener into every process of Airflow that does not read DAG files."""

    name = "riverhead"
    listeners: ClassVar[list[Listener]] = listeners_of(sys.argv)
    macros: ClassVar[list[Callable[..., str]]] = MACROS
    hook_lineage_readers: ClassVar[list[type[LineageReader]]] = [LineageReader]
