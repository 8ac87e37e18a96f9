"""Tell where a column comes from, through every job and host.

DATASET may be as short as it is unambiguous: `orders.amount`, `main.orders.amount`, `daily.parquet.revenue`.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from riverhead_catalog.links import trace_as_json
from riverhead_catalog.questions.finding import UnknownColumn
from riverhead_catalog.questions.upstream import upstream_tree
from riverhead_catalog.questions.words import plain

if TYPE_CHECKING:
    import argparse

    from riverhead_catalog.links import Trace

DEFAULT_CATALOG = "http://127.0.0.1:5000"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `riverhead upstream`."""
    parser.add_argument("column", metavar="DATASET.COLUMN", help="the column to trace")
    parser.add_argument("--namespace", help="the dataset's namespace, where the name alone is ambiguous")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--catalog", help=f"address of a catalog (default: RIVERHEAD_CATALOG_URL, or {DEFAULT_CATALOG})")
    place.add_argument("--store", help="read a store's file instead of asking a server")
    parser.add_argument("--json", action="store_true", help="print the edges as JSON instead of a tree")


def run(options: argparse.Namespace) -> int:
    """Print the upstream lineage of a column."""
    _check_text(options.column, *([options.namespace] if options.namespace else []))
    found = _from_store(options) if options.store else _from_catalog(options)
    if options.json:
        # ASCII only, so that no name can steer a terminal.
        print(json.dumps(trace_as_json(found), indent=2))
    else:
        print("\n".join(upstream_tree(found)))
    return 0


def _check_text(*names: str) -> None:
    whole = " ".join(names)
    try:
        whole.encode()
    except UnicodeEncodeError as failure:
        # Bytes of the command line that are no UTF-8 arrive as halves of characters.
        raise UnknownColumn(f"No column is known by {plain(whole)}, which is no text in UTF-8.") from failure


def _from_catalog(options: argparse.Namespace) -> Trace:
    from riverhead_catalog.remote import upstream

    catalog = options.catalog or os.environ.get("RIVERHEAD_CATALOG_URL") or DEFAULT_CATALOG
    return upstream(catalog, options.column, options.namespace)


def _from_store(options: argparse.Namespace) -> Trace:
    from riverhead_catalog.local import upstream

    return upstream(options.store, options.column, options.namespace)
