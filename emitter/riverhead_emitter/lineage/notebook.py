"""How a run shows itself in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from riverhead_emitter.redaction import scrubbed

if TYPE_CHECKING:
    from riverhead_emitter.lineage.notes import Notes
    from riverhead_emitter.lineage.traced import TracedRun

_MOST_SHOWN = 50


def table_of(run: TracedRun, notes: Notes) -> str:
    """Return a small table of what the run has told so far."""
    rows = [("job", f"{run.run.job.namespace}/{run.run.job.name}"), ("run", run.run.id)]
    rows += [("state", "not begun" if run.state is None else run.state.value)]
    rows += [("reads", f"{dataset.namespace} {dataset.name}") for dataset in list(notes.inputs)[:_MOST_SHOWN]]
    rows += [("writes", f"{dataset.namespace} {dataset.name}") for dataset in list(notes.outputs)[:_MOST_SHOWN]]
    rows += [("not understood", f"{gap.what}: {gap.why}") for gap in list(notes.gaps)[:_MOST_SHOWN]]
    if run.told_too_late:
        rows.append(("told too late", f"{run.told_too_late:,} times, after the run had ended"))
    lines = [f"<tr><th>{escape(name)}</th><td>{escape(scrubbed(text[:500]))}</td></tr>" for name, text in rows]
    return f"<table>{''.join(lines)}</table>"
