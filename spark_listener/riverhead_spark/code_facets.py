"""What is told of code: where a script lies. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riverhead_emitter.checkouts import Checkout
from riverhead_emitter.facets.code_place import code_place

if TYPE_CHECKING:
    from collections.abc import Mapping


def script_facets(application: Mapping[str, Any]) -> dict[str, Any]:
    """Return the job facets of an application: where its script lies."""
    code = application.get("code")
    return {"sourceCodeLocation": code_place(code["path"], None, _checkout(application))} if code else {}


def _checkout(application: Mapping[str, Any]) -> Checkout | None:
    facts = (application.get("code") or {}).get("checkout")
    return Checkout(**facts) if facts else None
