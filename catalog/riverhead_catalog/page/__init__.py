"""The page at `/`: static files, served as they are; everything on it comes from the API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


def routes() -> list[Route]:
    """Return one route per file."""
    return [Route(path, _serving(name, kind)) for path, (name, kind) in _FILES.items()]


def _serving(name: str, kind: str) -> Callable[[Request], Response]:
    body = (Path(__file__).parent / name).read_bytes()

    def endpoint(_request: Request) -> Response:
        return Response(body, media_type=kind, headers={"cache-control": "no-cache"})

    return endpoint
