"""Which address answers what, for the part of Marquez's API that is served so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from riverhead_catalog import parameters
from riverhead_catalog.answers import Refusal, reading
from riverhead_catalog.marquez import column_lineage, datasets, ingest, jobs, lineage, namespaces, runs
from riverhead_catalog.store import event_lookups

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from starlette.requests import Request
    from starlette.responses import Response

    from riverhead_catalog.store.writer import Writer


def routes() -> list[Route]:
    """Return the routes under `/api/v1`."""
    in_namespace = "/namespaces/{namespace:segment}"
    reads: dict[str, Callable[[Request, Connection], Any]] = {
        "/namespaces": _namespaces,
        in_namespace: lambda request, connection: namespaces.one(connection, request.path_params["namespace"]),
        f"{in_namespace}/datasets": _datasets,
        f"{in_namespace}/datasets/{{name:segment}}": lambda request, connection: datasets.one(
            connection, request.path_params["namespace"], request.path_params["name"]
        ),
        "/jobs": _jobs,
        f"{in_namespace}/jobs": _jobs,
        f"{in_namespace}/jobs/{{name:segment}}": lambda request, connection: jobs.one(
            connection, request.path_params["namespace"], request.path_params["name"]
        ),
        f"{in_namespace}/jobs/{{name:segment}}/runs": _runs,
        "/jobs/runs/{run:segment}": lambda request, connection: runs.one(connection, request.path_params["run"]),
        "/lineage": _lineage,
        "/column-lineage": _column_lineage,
        "/events/lineage": _events,
    }
    return [
        Route("/lineage", _receive, methods=["POST"]),
        *(Route(path, reading(read)) for path, read in reads.items()),
    ]


async def _receive(request: Request) -> Response:
    writer: Writer = request.app.state.writer
    return await ingest.receive(request, writer)


def _namespaces(request: Request, connection: Connection) -> Any:
    return namespaces.listing(connection, *parameters.page(request))


def _datasets(request: Request, connection: Connection) -> Any:
    return datasets.listing(connection, request.path_params["namespace"], *parameters.page(request))


def _jobs(request: Request, connection: Connection) -> Any:
    states = [state.upper() for state in request.query_params.getlist("lastRunStates")]
    if not set(states) <= set(jobs.RUN_STATES):
        raise Refusal(400, f"query param lastRunStates must be one of [{', '.join(jobs.RUN_STATES)}]")
    return jobs.listing(connection, request.path_params.get("namespace"), states, *parameters.page(request))


def _runs(request: Request, connection: Connection) -> Any:
    names = request.path_params
    return runs.of_job(connection, names["namespace"], names["name"], *parameters.page(request))


def _lineage(request: Request, connection: Connection) -> Any:
    node = parameters.required(request, "nodeId")
    depth = parameters.number(request, "depth", lineage.DEFAULT_DEPTH)
    return lineage.around(connection, node, depth, parameters.instant(request, "asOf"))


def _column_lineage(request: Request, connection: Connection) -> Any:
    return column_lineage.around(
        connection,
        parameters.required(request, "nodeId"),
        parameters.number(request, "depth", column_lineage.DEFAULT_DEPTH),
        with_downstream=parameters.is_set(request, "withDownstream"),
        as_of=parameters.instant(request, "asOf"),
    )


def _events(request: Request, connection: Connection) -> Any:
    limit, offset = parameters.page(request)
    after, before = parameters.instant(request, "after"), parameters.instant(request, "before")
    is_newest_first = parameters.choice(request, "sortDirection", ("DESC", "ASC"), "DESC") == "DESC"
    found, count = event_lookups.run_events(connection, after, before, limit, offset, newest_first=is_newest_first)
    return {"events": found, "totalCount": count}
