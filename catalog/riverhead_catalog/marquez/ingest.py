"""`POST /lineage`: one event, durable before it is answered."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from riverhead_catalog.answers import Refusal
from riverhead_catalog.projection import Projected, as_it_came, problems, project
from riverhead_catalog.store.unprojected import unprojected
from riverhead_emitter.errors import Unavailable

if TYPE_CHECKING:
    from starlette.requests import Request

    from riverhead_catalog.store.writer import Writer

MOST_BYTES = 32 * 1024 * 1024  # of a body, and of what it unpacks to
_MOST_PROBLEMS = 20
_NESTED = "The request body is nested too deeply"


async def receive(request: Request, writer: Writer) -> Response:
    """Keep one event."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "The content-type must be application/json")
    body = await _body(request)
    said = await run_in_threadpool(understand, body, request.headers.get("content-encoding", "").lower())
    try:
        await asyncio.wrap_future(writer.write(said))
    except Unavailable as unavailable:
        raise Refusal(503, str(unavailable)) from unavailable
    return Response(status_code=201)


def understand(body: bytes, encoding: str) -> Projected:
    """Return what a request body says; a body that is no event is refused with the reason."""
    event = _parsed(_unpacked(body, encoding))
    wrong = problems(event)
    if wrong:
        raise Refusal(422, *wrong[:_MOST_PROBLEMS])
    try:
        return project(event)
    except UnicodeEncodeError as broken:
        raise Refusal(400, "The request body holds half a character (a lone UTF-16 surrogate)") from broken
    except RecursionError as nested:
        raise Refusal(400, _NESTED) from nested
    except Exception as failure:  # noqa: BLE001 - a defect of ours must cost neither the event nor its sender
        return unprojected(as_it_came(event), failure)


async def _body(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise Refusal(413, f"The request body must not exceed {MOST_BYTES} bytes")
        parts.append(part)
    return b"".join(parts)


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding in {"", "identity"}:
        return body
    if encoding != "gzip":
        raise Refusal(415, "The content-encoding must be gzip or none")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, MOST_BYTES)
    except zlib.error as broken:
        raise Refusal(400, "The request body is not the gzip that its content-encoding says") from broken
    if unpacker.unconsumed_tail:
        raise Refusal(413, f"The request body must not unpack to more than {MOST_BYTES} bytes")
    if not unpacker.eof:
        raise Refusal(400, "The request body is a gzip that was cut short")
    return unpacked


def _parsed(body: bytes) -> Any:
    if not body.strip():
        raise Refusal(422, "The request body must not be null")
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError as nested:
        raise Refusal(400, _NESTED) from nested
    except ValueError as broken:  # malformed JSON, malformed UTF-8, or a number too long to read
        raise Refusal(400, f"The request body is not JSON: {broken}") from broken


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")
