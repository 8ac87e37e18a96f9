"""What the server answers: JSON, and refusals that name what is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request


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
