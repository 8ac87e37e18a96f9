"""What in a function's code will report lineage while it runs: hooks that do, engines, object-storage paths, our SDK.

The function and those that it calls by name are looked at, not run; what is called through a value stays unseen.
"""

from __future__ import annotations

import functools
import re
import sys
import types
from typing import TYPE_CHECKING, Any

from riverhead_airflow.checking.engine_clues import engines_in, frames_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_FUNCTIONS, _DEEPEST = 200, 4
# What a hook calls that tells of what it does; found in the module of its class, or of one that it inherits from.
_REPORTS = ("get_hook_lineage_collector", "send_sql_hook_lineage")
_PATH = "ObjectStoragePath"
_WORDS = frozenset({_PATH, "get_hook_lineage_collector"})
# What only Airflow's hooks of databases are asked for, whichever they are; each of these reports.
_ASKED_OF_HOOKS = frozenset(
    {"bulk_load", "get_df", "get_df_by_chunks", "get_first", "get_pandas_df", "get_pandas_df_by_chunks", "get_records"}
    | {"bulk_dump", "get_sqlalchemy_engine", "insert_rows"}
)
# Which hook a connection has, its kind will say; of these they are asked only where it is a database's.
_CHOOSES_HOOK, _ASKED_OF_CHOSEN = "get_hook", ({"run"}, {"get_conn", "cursor"})
_SDK = ("riverhead", "riverhead_emitter.lineage")
# An import inside a function names a module of hooks; those of these providers have nothing to report.
_PROVIDERS, _HOOKS = "airflow.providers.", ".hooks."
_NOT_FOLLOWED = ("airflow.", "pandas.", "sqlalchemy.")
_WORD = re.compile(r"\w+")
_SILENT = ("discord", "http", "imap", "opsgenie", "slack", "smtp", "ssh", "standard", "telegram")


def clues_of(*works: object) -> tuple[str, ...]:
    """Return the names in functions' code that stand for lineage, sorted."""
    found, waiting, seen = set[str](), [(work, 0) for work in works], set[int]()
    codes: list[tuple[set[str], list[tuple[str, object]]]] = []
    while waiting and len(seen) < _MOST_FUNCTIONS:
        value, depth = waiting.pop()
        function = _function_of(value)
        if function is None or id(function.__code__) in seen:
            continue
        seen.add(id(function.__code__))
        names = {*_names_in(function.__code__), *_given_in(function)}
        meanings = list(_meanings(names, function))
        codes.append((names, meanings))
        found |= {clue for name in names if (clue := _by_name(name))}
        found |= {*_chosen_in(names), *engines_in(names, meanings)}
        for name, meant in meanings:
            clue = _by_value(name, meant)
            found |= {clue} if clue else set()
            if depth < _DEEPEST and _is_followed(meant):
                waiting.append((meant, depth + 1))
    return tuple(sorted(found | frames_in(codes)))


def _function_of(value: object) -> types.FunctionType | None:
    if isinstance(value, functools.partial):
        value = value.func
    value = getattr(value, "__wrapped__", value)
    value = getattr(value, "__func__", value)
    if not isinstance(value, (types.FunctionType, type)):
        value = vars(type(value)).get("__call__")
    return value if isinstance(value, types.FunctionType) else None


def _names_in(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    yield from code.co_freevars
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names_in(constant)


def _given_in(function: types.FunctionType) -> Iterator[str]:
    """Yield the paths that a function is given, by what it says of its parameters."""
    said = [str(kind) for name, kind in function.__annotations__.items() if name != "return"]
    yield from (_PATH for text in said if _PATH in _WORD.findall(text))


def _chosen_in(names: set[str]) -> set[str]:
    is_chosen = _CHOOSES_HOOK in names and any(asked <= names for asked in _ASKED_OF_CHOSEN)
    return {_CHOOSES_HOOK} if is_chosen else set()


def _meanings(names: set[str], function: types.FunctionType) -> Iterator[tuple[str, object]]:
    """Yield what each name stands for, in the function's module or in a module that is imported there."""
    known: Mapping[str, Any] = function.__globals__
    for name in names & known.keys():
        yield name, known[name]
        if isinstance(known[name], types.ModuleType):
            inside = vars(known[name])
            yield from ((inner, inside[inner]) for inner in names & inside.keys())


def _by_name(name: str) -> str | None:
    if name in _WORDS or name in _SDK or name in _ASKED_OF_HOOKS:
        return name
    package, is_of_hooks, _ = name.partition(_HOOKS)
    if not is_of_hooks or not (name.startswith(_PROVIDERS) or "provider" in package.partition(".")[0]):
        return None
    return None if package.removeprefix(_PROVIDERS) in _SILENT else name


def _by_value(name: str, value: object) -> str | None:
    if isinstance(value, types.ModuleType):
        return "riverhead" if value.__name__ in _SDK else _by_name(value.__name__)
    kind = value if isinstance(value, type) else type(value)
    if any(known.__name__ == _PATH for known in kind.__mro__):
        return _PATH
    return kind.__name__ if reports(kind) else _by_name(name)


def reports(kind: type) -> bool:
    """Return whether a class is a hook that tells Airflow what it reads and writes."""
    if not any(known.__name__ == "BaseHook" for known in kind.__mro__):
        return False
    modules = (getattr(known, "__module__", "") for known in kind.__mro__)
    return any(word in vars(module) for module in map(_loaded, modules) for word in _REPORTS)


def _loaded(name: str) -> object:
    return sys.modules.get(name, _NOTHING)


class _Nothing:
    """A module that is not there."""


_NOTHING = _Nothing()


def _is_followed(value: object) -> bool:
    """Follow people's own functions: what Airflow itself does is known by other signs."""
    module = getattr(value, "__module__", None)
    # A cached function says what it is around.
    inner = getattr(value, "__wrapped__", value)
    return isinstance(inner, (types.FunctionType, functools.partial)) and not str(module).startswith(_NOT_FOLLOWED)
