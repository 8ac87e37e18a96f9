"""Facets of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riverhead_emitter.facets.facet import Facet, spec_facet
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from riverhead_emitter.model import Parentage, Run


def parent(parentage: Parentage) -> Facet:
    """Return the `parent` facet, with the root beside the parent."""
    return spec_facet("ParentRunFacet", "1-2-0", **_identity(parentage.parent), root=_identity(parentage.root))


def error_message(message: str, language: str, stack_trace: str | None = None) -> Facet:
    """Return the `errorMessage` facet."""
    content = {"message": message, "programmingLanguage": language}
    if stack_trace is not None:
        content["stackTrace"] = stack_trace
    return spec_facet("ErrorMessageRunFacet", "1-0-1", **content)


def processing_engine(name: str, version: str) -> Facet:
    """Return the `processing_engine` facet of the host's name and version."""
    return {
        **spec_facet("ProcessingEngineRunFacet", "1-1-1", name=name, openlineageAdapterVersion=VERSION),
        "version": version,
    }


def _identity(run: Run) -> Facet:
    return {"run": {"runId": run.id}, "job": {"namespace": run.job.namespace, "name": run.job.name}}
