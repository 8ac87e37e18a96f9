"""SQL with templates → texts that it may be once it is rendered: something in each template's place; pure."""

from __future__ import annotations

import re
from itertools import combinations, islice, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Nothing runs on past a further opening: text full of openings would be read once for each of them.
_GAP = r"\{\{(?:(?!\}\}|\{\{).)*\}\}|\$\{[^{}\n]{1,200}\}|<%=(?:(?!%>|<%).)*%>"
_QUOTED_OR_GAP = re.compile(rf"'(?:[^'{{$<]|\{{(?!\{{)|\$(?!\{{)|<(?!%)|{_GAP})*'|(?P<gap>{_GAP})", re.DOTALL)
_TEMPLATE = re.compile(rf"{_GAP}|\{{%(?:(?!%\}}|\{{%).)*%\}}|<%(?:(?!%>|<%).)*%>", re.DOTALL)
_CONTROL = re.compile(r"(\{%[-+]?\s{0,20}(?:if|elif|else|endif|for|endfor)\b[^%]{0,1000}%\})")
_KEYWORD = re.compile(r"\{%[-+]?\s{0,20}(\w+)")
# A name is what the plain reading has there.
_STAND_INS = (
    *("SELECT a FROM b", "WHERE a = 1", "1", "'a'", "INSERT INTO a", "INSERT INTO a SELECT b FROM c", "= 1", "a, b"),
    *("AND a = 1", ", a", "(a)", "UNION ALL", "FROM b", "JOIN b ON a = c", "ORDER BY a", "LIMIT 1", "SET a = 1"),
    *("OR REPLACE", "IF NOT EXISTS", "OVERWRITE"),
)
_MOST_READINGS, _MOST_LETTERS = 200, 1 << 17


def first_template(text: str) -> str:
    """Return the first template in a text, as it is written; nothing, where there is none."""
    found = _TEMPLATE.search(text)
    return found[0] if found else ""


def renderings(text: str) -> Iterator[str]:
    """Yield what a text may be when it is rendered, the likeliest first; so many as can be read in bounded time."""
    most = max(1, min(_MOST_READINGS, _MOST_LETTERS // (len(text) + 1)))
    yield from islice(_renderings(text), most)


def _renderings(text: str) -> Iterator[str]:
    forms = list(dict.fromkeys((text, _branch(text, 0), _branch(text, 1))))
    yield from forms[1:]
    fillings = [(form, _gaps(form)) for form in forms]
    for form, gaps in fillings:
        for words in _STAND_INS:
            yield _filled(form, dict.fromkeys(gaps, words))
    for count in (1, 2):
        for form, gaps in fillings:
            for chosen in combinations(gaps, count):
                fillers = product(_STAND_INS, repeat=count)
                yield from (_filled(form, dict(zip(chosen, several, strict=True))) for several in fillers)


def _gaps(text: str) -> list[tuple[int, int]]:
    """Return where the templates are that stand for themselves: what is within quotes is a value, whatever it is."""
    return [found.span() for found in _QUOTED_OR_GAP.finditer(text) if found["gap"]]


def _filled(text: str, words: dict[tuple[int, int], str]) -> str:
    parts, done = [], 0
    for (begin, end), word in words.items():
        parts += [text[done:begin], word]
        done = end
    return "".join([*parts, text[done:]])


def _branch(text: str, number: int) -> str:
    """Return a text with only this branch of each `if`; of a loop its body, once."""
    parts, opened = [], list[list[int]]()
    for part in _CONTROL.split(text):
        keyword = found[1] if (found := _KEYWORD.match(part)) else ""
        if keyword in {"if", "for"}:
            opened.append([0, number if keyword == "if" else 0])
        elif keyword in {"elif", "else"} and opened:
            opened[-1][0] += 1
        elif keyword in {"endif", "endfor"} and opened:
            opened.pop()
        elif all(at == wanted for at, wanted in opened):
            parts.append(part)
    return "".join(parts)
