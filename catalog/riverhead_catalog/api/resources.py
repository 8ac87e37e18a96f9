"""Which address answers what under `/api/v2`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from riverhead_catalog import parameters
from riverhead_catalog.answers import Refusal, reading
from riverhead_catalog.api import runs
from riverhead_catalog.graph import FARTHEST
from riverhead_catalog.links import trace_as_json
from riverhead_catalog.questions.finding import AmbiguousColumn, UnknownColumn
from riverhead_catalog.tracing import exact_column, find_column, trace

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from starlette.requests import Request

    from riverhead_emitter.model import Column


def routes() -> list[Route]:
    """Return the routes under `/api/v2`."""
    return [
        Route("/runs", reading(lambda request, connection: runs.listing(connection, *parameters.page(request)))),
        Route("/upstream", reading(_upstream)),
        Route("/downstream", reading(_downstream)),
    ]


def _upstream(request: Request, connection: Connection) -> Any:
    return _traced(request, connection, is_upstream=True)


def _downstream(request: Request, connection: Connection) -> Any:
    return _traced(request, connection, is_upstream=False)


def _traced(request: Request, connection: Connection, *, is_upstream: bool) -> Any:
    depth = min(parameters.number(request, "depth", FARTHEST), FARTHEST)
    as_of = parameters.instant(request, "asOf")
    try:
        column = _column(request, connection)
    except UnknownColumn as unknown:
        raise Refusal(404, str(unknown)) from unknown
    except AmbiguousColumn as ambiguous:
        raise Refusal(409, str(ambiguous)) from ambiguous
    return trace_as_json(trace(connection, column, is_upstream=is_upstream, depth=depth, as_of=as_of))


def _column(request: Request, connection: Connection) -> Column:
    """The column by its exact parts (`namespace`, `dataset`, `field`), or by a name as people write it (`column`)."""
    wanted = request.query_params
    if wanted.get("field"):
        names = (parameters.required(request, name) for name in ("namespace", "dataset", "field"))
        return exact_column(connection, *names)
    return find_column(connection, parameters.required(request, "column"), wanted.get("namespace"))
