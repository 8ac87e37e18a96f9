"""What is told of code: where a script lies, which line ran a query, the source of the functions in it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.checkouts import Checkout
from riverhead_emitter.facets.code_place import code_place
from riverhead_emitter.facets.job import source_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# A query may show hundreds of functions; the first ones say what it does.
_LONGEST_SOURCES = 40_000


def script_facets(application: Mapping[str, Any]) -> dict[str, Any]:
    """Return the job facets of an application: where its script lies."""
    code = application.get("code")
    return {"sourceCodeLocation": code_place(code["path"], None, _checkout(application))} if code else {}


def place_facets(application: Mapping[str, Any], action: Mapping[str, Any]) -> dict[str, Any]:
    """Return the job facets of a query that are known from its start: the line that ran it."""
    place = action.get("call_site")
    # The cell of a notebook lies in no file that anybody could open.
    if not place or not place["file"].startswith("/") or "ipykernel_" in place["file"]:
        return {}
    return {"sourceCodeLocation": code_place(place["file"], place["line"], _checkout(application))}


def source_facets(executions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the job facets of a query's end: the source of the Python functions in it, too long to be told twice."""
    sources = dict.fromkeys(_source(each) for execution in executions for each in execution.get("functions", ()))
    text = "\n\n\n".join(source for source in sources if source)
    return {"sourceCode": source_code("python", text[:_LONGEST_SOURCES])} if text else {}


def _checkout(application: Mapping[str, Any]) -> Checkout | None:
    facts = (application.get("code") or {}).get("checkout")
    return Checkout(**facts) if facts else None


def _source(function: Mapping[str, Any]) -> str:
    if not function.get("source"):
        return ""
    return f"# {function['name']}, {function['file']}:{function['line']}\n{function['source']}"
