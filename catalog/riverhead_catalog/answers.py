"""What the server answers: JSON that is read from the store, and refusals that name what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from riverhead_emitter.model import RunState

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from starlette.requests import Request

# A run's state as every API here writes it.
STATES = {
    RunState.RUNNING: "RUNNING", RunState.COMPLETE: "COMPLETED", RunState.FAIL: "FAILED", RunState.ABORT: "ABORTED",
    RunState.OTHER: "OTHER",
}  # fmt: skip


class Refusal(Exception):  # noqa: N818 - it is an answer, not a defect
    """A request that is answered with a 4xx or 5xx and a sentence."""

    def __init__(self, status: int, *sentences: str) -> None:
        super().__init__(*sentences)
        self.status = status
        self.sentences = sentences


def answer(content: Any, status: int = 200) -> Response:
    """Return content as JSON."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(body, status, media_type="application/json")


def reading(read: Callable[[Request, Connection], Any]) -> Callable[[Request], Response]:
    """Return an endpoint that answers what `read` finds, in one consistent view of the store."""

    def endpoint(request: Request) -> Response:
        with request.app.state.engine.connect() as connection, connection.begin():
            return answer(read(request, connection))

    return endpoint


def not_found(what: str, name: str) -> Refusal:
    """Return the refusal for something that is not there, in Marquez's words."""
    return Refusal(404, f"{what} '{name}' not found.")


async def refused(_request: Request, refusal: Exception) -> Response:
    """Answer a refusal; several sentences go in a list, as Marquez's own validation does."""
    assert isinstance(refusal, Refusal)  # noqa: S101 - registered for this class only
    if refusal.status in {400, 422} and refusal.sentences:
        return answer(
            {"code": refusal.status, "message": refusal.sentences[0], "errors": list(refusal.sentences)}, refusal.status
        )
    return answer({"code": refusal.status, "message": refusal.sentences[0]}, refusal.status)
