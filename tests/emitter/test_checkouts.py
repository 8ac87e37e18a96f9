"""Where a line of code stands: which commit of which repository, as `.git` itself says it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from riverhead_emitter.checkouts import Checkout, checkout_of
from riverhead_emitter.facets.code_place import code_place

if TYPE_CHECKING:
    from pathlib import Path

COMMIT, OTHER = "a" * 40, "b" * 40
CONFIG = """[core]
	bare = false
[remote "mirror"]
	url = https://elsewhere.example/shop.git
[remote "origin"]
	url = https://user:secret-token@github.com/acme/shop.git
	fetch = +refs/heads/*:refs/remotes/origin/*
"""


def repository(folder: Path, files: dict[str, str]) -> Path:
    """Write a repository's own files, and return the path of a script deep inside it."""
    for name, text in files.items():
        file = folder / ".git" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "jobs" / "daily" / "load.py"


def test_a_file_belongs_to_the_commit_that_its_branch_is_at(tmp_path: Path) -> None:
    script = repository(
        tmp_path, {"HEAD": "ref: refs/heads/feature/x\n", "refs/heads/feature/x": f"{COMMIT}\n", "config": CONFIG}
    )

    assert checkout_of(str(script)) == Checkout(str(tmp_path), COMMIT, "feature/x", "https://github.com/acme/shop.git")


def test_a_commit_that_is_checked_out_by_itself_has_no_branch(tmp_path: Path) -> None:
    script = repository(tmp_path, {"HEAD": COMMIT})

    assert checkout_of(str(script)) == Checkout(str(tmp_path), COMMIT)


def test_a_branch_is_found_where_git_packed_it(tmp_path: Path) -> None:
    packed = f"# pack-refs with: peeled\n{OTHER} refs/heads/main-2\n{COMMIT} refs/heads/main\n^{OTHER}\n"
    script = repository(tmp_path, {"HEAD": "ref: refs/heads/main\n", "packed-refs": packed})

    found = checkout_of(str(script))

    assert found is not None
    assert (found.commit, found.branch) == (COMMIT, "main")


def test_a_work_tree_shares_branches_with_its_repository(tmp_path: Path) -> None:
    repository(tmp_path / "whole", {"refs/heads/side": COMMIT, "config": CONFIG, "HEAD": OTHER})
    own = tmp_path / "whole" / ".git" / "worktrees" / "side"
    own.mkdir(parents=True)
    (own / "HEAD").write_text("ref: refs/heads/side\n", encoding="utf-8")
    (own / "commondir").write_text("../..\n", encoding="utf-8")
    tree = tmp_path / "side"
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {own}\n", encoding="utf-8")

    found = checkout_of(str(tree / "load.py"))

    assert found == Checkout(str(tree), COMMIT, "side", "https://github.com/acme/shop.git")


@pytest.mark.parametrize(
    "files",
    [
        {"HEAD": "ref: refs/heads/unborn\n"},
        {"HEAD": "ref: refs/heads/.invalid\n", "reftable/tables.list": ""},
        {"HEAD": "ref: refs/heads/a\n", "refs/heads/a": "ref: refs/heads/b", "refs/heads/b": "ref: refs/heads/a"},
        {"HEAD": "\x00\x01"},
        {"config": CONFIG},
    ],
    ids=["unborn", "reftable", "circle", "rubbish", "no head"],
)
def test_a_repository_without_a_commit_is_none(tmp_path: Path, files: dict[str, str]) -> None:
    assert checkout_of(str(repository(tmp_path, files))) is None


@pytest.mark.parametrize("path", ["/", "", "\x00", "/nowhere/at/all.py"])
def test_a_file_that_no_repository_holds_has_no_commit(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    assert checkout_of(path) is None


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
def test_git_itself_says_the_same(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60).stdout

    git("init", "--initial-branch", "work")
    git("commit", "--allow-empty", "--message", "first")
    git("remote", "add", "origin", "git@github.com:acme/shop.git")
    git("pack-refs", "--all")

    expected = Checkout(str(tmp_path), git("rev-parse", "HEAD").strip(), "work", "git@github.com:acme/shop.git")
    assert checkout_of(str(tmp_path / "load.py")) == expected


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("git@github.com:acme/shop.git", f"https://github.com/acme/shop/blob/{COMMIT}/jobs/load%20it.py#L7"),
        ("https://github.acme.example/shop", f"https://github.acme.example/shop/blob/{COMMIT}/jobs/load%20it.py#L7"),
        ("ssh://git@gitlab.com:22/a/b/c.git", f"https://gitlab.com/a/b/c/-/blob/{COMMIT}/jobs/load%20it.py#L7"),
        (
            "https://bitbucket.org/acme/shop.git",
            f"https://bitbucket.org/acme/shop/src/{COMMIT}/jobs/load%20it.py#lines-7",
        ),
        ("/srv/git/shop.git", "file:///src/jobs/load%20it.py#L7"),
        ("https://git.example/shop.git", "file:///src/jobs/load%20it.py#L7"),
        (None, "file:///src/jobs/load%20it.py#L7"),
    ],
)
def test_a_line_is_shown_where_people_can_open_it(remote: str | None, url: str) -> None:
    facet = code_place("/src/jobs/load it.py", 7, Checkout("/src", COMMIT, "main", remote))

    assert (facet["type"], facet["url"], facet["path"], facet["version"]) == ("git", url, "jobs/load it.py", COMMIT)
    assert facet.get("repoUrl") == remote


@pytest.mark.parametrize("root", [None, "/src/jobs/load", "/other"])
def test_a_line_outside_of_the_repository_is_in_its_file(root: str | None) -> None:
    facet = code_place("/src/jobs/loader.py", 7, None if root is None else Checkout(root, COMMIT))

    assert (facet["type"], facet["url"]) == ("file", "file:///src/jobs/loader.py#L7")
    assert "version" not in facet
