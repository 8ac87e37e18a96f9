"""A child that is forked off while a thread of its parent loads a module waits for ever for that module."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

import house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOM = house.ROOT / "emitter" / "riverhead_emitter"
# Commands are processes of their own, which fork nothing.
OF_A_HOST = [path for path in sorted(ROOM.rglob("*.py")) if path.relative_to(ROOM).parts[0] != "verbs"]


HELD = {"loading()", "loading_a_package()"}


def late_imports(tree: ast.AST, is_late: bool = False, is_held: bool = False) -> Iterator[int]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and is_late and not is_held:
            yield node.lineno
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        holds = isinstance(node, ast.With) and ast.unparse(node.items[0].context_expr) in {
            "loading()",
            "loading_a_package()",
        }
        yield from late_imports(node, is_late or is_function, (is_held or holds) and not is_function)


@pytest.mark.parametrize("path", OF_A_HOST, ids=lambda path: str(path.relative_to(ROOM)))
def test_what_is_imported_late_is_never_half_loaded_in_a_forked_child(path: Path) -> None:
    lines = list(late_imports(ast.parse(path.read_text(encoding="utf-8"))))

    assert lines == [], f"put these imports into `with loading():`: {path.name}:{lines}"
