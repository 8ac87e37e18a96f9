"""The text that somebody means: SQL in quotes, a file, or what is piped in."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.nearest import nearest
from riverhead_emitter.printable import printable

_LONGEST_SHOWN = 200
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BYTES_OF_A_CHARACTER = 4


def text_of(argument: str | None) -> str:
    """Return the SQL that an argument is, or names; without one, what is piped in."""
    if argument is None or argument == "-":
        return _piped(is_asked_for=argument is not None)
    if not argument.strip():
        return ""  # which would name the folder that we are in
    if _exists(argument):
        return text_in(argument)
    if argument.lower().endswith(".sql") or not any(letter.isspace() for letter in argument.strip()):
        raise ConfigurationError(f"there is no file {_shown(argument)}{_hint(argument)}")
    # Bytes of the command line that are no UTF-8 arrive as halves of characters.
    return argument.encode("utf-8", "replace").decode("utf-8")


def text_in(name: str) -> str:
    """Return the text of a file, however it is encoded; of one that is far too large, more than anybody reads."""
    try:
        with Path(name).open("rb") as file:
            return decoded(file.read(_most_bytes()))
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "no name of a file"
        raise ConfigurationError(f"cannot read {_shown(name)} ({said})") from error


def decoded(content: bytes) -> str:
    """Return bytes as text: by their mark, else as UTF-8, with a sign in place of what is none."""
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    return content.decode(encoding, "replace")


def _piped(*, is_asked_for: bool) -> str:
    if sys.stdin is None:
        raise ConfigurationError("the standard input is closed; give SQL in quotes, or name a file")
    if not is_asked_for and sys.stdin.isatty():
        raise ConfigurationError("give SQL in quotes, name a file, or pipe SQL in; see `riverhead sql --help`")
    return decoded(sys.stdin.buffer.read(_most_bytes()))


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False  # SQL makes no good name: too long, or with a zero in it


def _hint(name: str) -> str:
    folder = Path(name).parent
    try:
        near = nearest(Path(name).name, (file.name for file in folder.glob("*.sql")))
    except (OSError, ValueError):
        near = None
    return f"; did you mean {printable(str(folder / near), _LONGEST_SHOWN)}?" if near else "; SQL goes in quotes"


def _shown(name: str) -> str:
    return printable(name, _LONGEST_SHOWN)


def _most_bytes() -> int:
    from riverhead_sql.reading.bounds import MOST_CHARACTERS  # sqlglot is an extra, and has a price

    # So much is more than the room reads, in any encoding: what is beyond need not be in memory to be left out.
    return _BYTES_OF_A_CHARACTER * (MOST_CHARACTERS + 1)
