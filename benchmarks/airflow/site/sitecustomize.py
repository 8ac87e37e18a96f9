"""Every Python loads this at its start: what becomes an Airflow sees only the plugin that is measured."""

from __future__ import annotations

import os
import sys

if "airflow" in sys.orig_argv:
    from in_sight import leave_in_sight

    leave_in_sight("3", os.environ["BENCH_WAY"])
