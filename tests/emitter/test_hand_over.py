"""Names and run ids; their equality with the official provider's is a journey, as it needs the provider."""

from __future__ import annotations

import pytest

from riverhead_emitter.hand_over import name_of, run_named
from riverhead_emitter.model import Job, Run

RUN = Run("01941f29-7c00-7000-8000-000000000001", Job("shop", "dag.task"))


def test_a_run_is_named_in_the_official_form() -> None:
    assert name_of(RUN) == "shop/dag.task/01941f29-7c00-7000-8000-000000000001"


@pytest.mark.parametrize("namespace", ["shop", "s3://bucket/teams/a"])
def test_a_name_leads_back_to_its_run(namespace: str) -> None:
    run = Run(RUN.id, Job(namespace, "dag.task"))

    assert run_named(name_of(run)) == run


@pytest.mark.parametrize("name", [None, "", "a", "a/b", "a/b/c", "//", f"shop//{RUN.id}", f"/job/{RUN.id}", "a/b/c\n"])
def test_what_is_not_a_name_is_nobodys_run(name: str | None) -> None:
    assert run_named(name) is None
