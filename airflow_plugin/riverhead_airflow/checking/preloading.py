"""What of Airflow DAG files will ask for: loaded once before they are read, it need not be loaded in every fork."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MODULE = r"(airflow(?:\.\w+)+)"
_IMPORT = re.compile(rf"^[ \t]*import[ \t]+{_MODULE}", re.MULTILINE)
# Airflow's modules load much of what they offer only when it is asked for by name.
_FROM = re.compile(rf"^[ \t]*from[ \t]+{_MODULE}[ \t]+import[ \t]*(\([^()]{{0,2000}}\)|[^\n]{{0,500}})", re.MULTILINE)
_NAME = re.compile(r"(\w+)(?:\s+as\s+\w+)?")
_MOST_CHARACTERS, _MOST_NAMES = 64 << 10, 500


def names_asked_for(files: Iterable[str]) -> list[tuple[str, str]]:
    """Return the modules of Airflow that files import and what they want of each, those that most ask for first.

    The name is empty for a whole module. No file is run or parsed.
    """
    found = Counter(asked for file in files for asked in set(_asked_in(_beginning(file))))
    return [asked for asked, _ in found.most_common(_MOST_NAMES)]


def _asked_in(text: str) -> Iterator[tuple[str, str]]:
    yield from ((module, "") for module in _IMPORT.findall(text))
    for module, names in _FROM.findall(text):
        yield from ((module, name) for name in _NAME.findall(names.partition("#")[0]))


def _beginning(file: str) -> str:
    try:
        with Path(file).open(encoding="utf-8", errors="replace") as text:
            return text.read(_MOST_CHARACTERS)
    except OSError:
        return ""
