"""The `riverhead` command. Its verbs come from the rooms, by the entry-point group `riverhead.verbs`."""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import os
import sys
from typing import TYPE_CHECKING, NoReturn, Protocol, cast

from riverhead import terminal
from riverhead_emitter.errors import ConfigurationError, RiverheadError, Unavailable
from riverhead_emitter.extras import how_to_install
from riverhead_emitter.nearest import nearest
from riverhead_emitter.printable import printable
from riverhead_emitter.settings import unknown_key_sentence, unknown_keys
from riverhead_emitter.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.metadata import EntryPoint

_INTERRUPTED = 130
# The one tells of them, the other starts somebody's job, which warns of them.
_GO_ON_WITH_UNKNOWN_KEYS = {"doctor", "run"}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with its words in one sentence."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(f"{printable(message, 300)}; see `{self.prog} --help`")


class Verb(Protocol):
    """What a room's verb module offers; its docstring is the help."""

    __doc__: str | None

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the verb's options."""
        ...

    def run(self, options: argparse.Namespace) -> int:
        """Do it; return the exit code."""
        ...


def main(words: Sequence[str] | None = None) -> int:
    """Run one verb; whatever stops it becomes one sentence, or silence, and an exit code."""
    terminal.make_ready()
    try:
        code = _answered(sys.argv[1:] if words is None else words)
        terminal.flush()
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            terminal.flush()
        terminal.abandon_output()
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does; there is nobody left to tell.
        terminal.abandon_output()
        return 0
    except OSError as error:
        terminal.abandon_output()
        place = f": {printable(str(error.filename))}" if error.filename else ""
        terminal.say(f"cannot go on ({error.strerror or type(error).__name__}){place}")
        return 1
    return code


def _answered(words: Sequence[str]) -> int:
    verbs = {entry.name: entry for entry in importlib.metadata.entry_points(group="riverhead.verbs")}
    try:
        return _run(verbs, words)
    except ConfigurationError as error:
        terminal.say(str(error))
        return 2
    except RiverheadError as error:
        terminal.say(str(error))
        return 1
    except SystemExit:
        terminal.flush()  # of a help text
        raise


def _run(verbs: dict[str, EntryPoint], words: Sequence[str]) -> int:
    match words:
        case ["help", name, *_] if name in verbs:
            words = [name, "--help"]
        case ["help", name, *_]:
            words = [name]  # which says that it is unknown
    if words and words[0] in verbs:
        name, verb = words[0], _loaded(verbs[words[0]])
        parser = _Parser(
            prog=f"riverhead {name}",
            description=verb.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        verb.arguments(parser)
        options = parser.parse_args(words[1:])
        if name not in _GO_ON_WITH_UNKNOWN_KEYS:
            _refuse_unknown_keys()
        return verb.run(options)
    return _overview(verbs, words)


def _overview(verbs: dict[str, EntryPoint], words: Sequence[str]) -> int:
    if words == ["--version"]:
        print(f"riverhead {VERSION}")
        return 0
    if words and words[0] == "version":
        raise ConfigurationError("unknown verb 'version'; did you mean `riverhead --version`?")
    if words and words[0] not in {"-h", "--help", "help"}:
        near = nearest(words[0], verbs)
        hint = f"; did you mean {near}?" if near else "; see `riverhead --help`"
        raise ConfigurationError(f"unknown verb '{printable(words[0])}'{hint}")
    print("riverhead: lineage for Airflow and Spark, down to the column\n\nusage: riverhead VERB [OPTIONS]\n")
    for name in sorted(verbs):
        print(f"  {name:<10} {_summary(verbs[name])}")
    print("\n`riverhead VERB --help` tells more of one verb.")
    return 0 if words else 2


def _loaded(entry: EntryPoint) -> Verb:
    try:
        return cast("Verb", entry.load())
    except ImportError as error:
        raise Unavailable(
            f"`{entry.name}` needs {error.name or 'a package'}, which is not installed here; "
            f"install the extra of that room, as in {how_to_install('catalog')}"
        ) from error


def _summary(entry: EntryPoint) -> str:
    try:
        return (_loaded(entry).__doc__ or "").partition("\n")[0]
    except Unavailable as error:
        return f"({error})"


def _refuse_unknown_keys() -> None:
    for key, near in unknown_keys(os.environ).items():
        raise ConfigurationError(unknown_key_sentence(key, near))
