"""Called when somebody else imports a module, at once if it is there already; a task that never needs it pays nothing.

A finder at the first place of `sys.meta_path` lets the module's own loader load it, which is then as it was.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from riverhead_emitter.guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec

    from riverhead_emitter.guard import FailureLog

    Then = Callable[[Any], None]


class Awaited:
    """Waits for modules by their full names, each once."""

    def __init__(self, failures: FailureLog) -> None:
        self._failures = failures
        self._then: dict[str, Then] = {}

    def wait_for(self, name: str, then: Then) -> None:
        """Call `then` with the module once it is loaded."""
        module = sys.modules.get(name)
        if module is not None and not _is_being_loaded(module):
            self._call(then, module)
            return
        self._then[name] = then
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002 - the protocol of finders
        """Find nothing but an awaited module, and that as all the others find it."""
        then = self._then.pop(name, None)
        if then is None:
            return None
        if not self._then and self in sys.meta_path:
            sys.meta_path.remove(self)
        # We no longer wait for it, so this asks everybody else.
        spec = find_spec(name)
        with guard("waiting for a module", self._failures):
            if spec is not None and spec.loader is not None:
                self._follow(spec.loader, name, then)
        return spec

    def _follow(self, loader: Any, name: str, then: Then) -> None:
        execute = loader.exec_module

        def exec_module(module: Any) -> None:
            # What the module imports may come by the same loader, as from an archive.
            vars(loader).pop("exec_module", None)
            execute(module)
            if module.__name__ == name:
                self._call(then, module)

        loader.exec_module = exec_module

    def _call(self, then: Then, module: Any) -> None:
        with guard("seeing what a module does", self._failures):
            then(module)


def _is_being_loaded(module: Any) -> bool:
    return bool(getattr(getattr(module, "__spec__", None), "_initializing", False))
