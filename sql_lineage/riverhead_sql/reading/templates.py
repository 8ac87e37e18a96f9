"""What a template engine or a client left in a text: its gaps become names that cannot be mistaken for real ones."""

from __future__ import annotations

import re

_GAP = "riverhead_gap_"
_IS_GAP = re.compile(rf"{_GAP}(\d+)_", re.IGNORECASE)
_HOLES = re.compile(
    # Nothing runs on past a further opening: text full of openings would be read once for each of them.
    r"\{\{(?P<expression>(?:(?!\}\}|\{\{).)*)\}\}|\{%(?:(?!%\}|\{%).)*%\}|\{#(?:(?!#\}|\{#).)*#\}"
    r"|\$\{(?P<variable>[^{}\n]{1,200})\}|<%=(?P<printed>(?:(?!%>|<%).)*)%>|<%(?:(?!%>|<%).)*%>",
    re.DOTALL,
)
# {{ ref('orders') }} and {{ source('raw', 'orders') }} are how dbt says a dataset's name.
_DBT = re.compile(r"-?\s*(?P<how>ref|source)\(\s*(?P<names>(['\"])[\w .$-]+\3(?:\s*,\s*(['\"])[\w .$-]+\4)?)\s*\)\s*-?")
_DBT_NAME = re.compile(r"['\"]([^'\"]+)['\"]")
# IDENTIFIER('db.t') names a table by a text; what a variable in its place holds is not known here.
_BY_TEXT = re.compile(
    r"\bIDENTIFIER\s{0,20}\(\s{0,20}(?:'(?P<literal>[^'()]+)'\s*|(?P<name>\w+)\s*|(?P<other>[^()\s][^()]{0,500}))\)",
    re.IGNORECASE,
)
_DELIMITER = re.compile(r"^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
# Lines to a client and not to the database: BTEQ's .LOGON, psql's \\set, SQL*Plus' /, and MySQL's # comments.
_CLIENT_LINES = {
    "teradata": re.compile(r"^[ \t]*\.[A-Za-z][^\n]*$", re.MULTILINE),
    "postgres": re.compile(r"^[ \t]*\\[a-z][^\n]*$", re.MULTILINE),
    "redshift": re.compile(r"^[ \t]*\\[a-z][^\n]*$", re.MULTILINE),
    "oracle": re.compile(r"^[ \t]*/[ \t]*$", re.MULTILINE),
    "mysql": re.compile(r"^[ \t]*#[^\n]*$", re.MULTILINE),
}
_MOST_DELIMITERS = 20


class Gaps:
    """The places of a text that a template was to fill."""

    def __init__(self) -> None:
        self._written: list[str] = []

    def named(self, match: re.Match[str]) -> str:
        """Return what stands in a gap's place: nothing for a control block, dbt's own names, or a made-up name."""
        inner = match["expression"] or match["variable"] or match["printed"]
        if inner is None:
            return " "
        dbt = _DBT.fullmatch(inner)
        if dbt is not None:
            names = _DBT_NAME.findall(dbt["names"])
            # A ref of two names says the package first, which is no part of the model's name.
            return ".".join(names if dbt["how"] == "source" else names[-1:])
        self._written.append(match[0])
        return f"{_GAP}{len(self._written) - 1}_"

    def by_text(self, match: re.Match[str]) -> str:
        """Return the name that IDENTIFIER('…') means, or a gap where a variable holds it."""
        known = match["literal"] or match["name"]
        if known is not None:
            return f" {known} "
        self._written.append(match[0])
        return f" {_GAP}{len(self._written) - 1}_ "

    def __bool__(self) -> bool:
        """True if there are any."""
        return bool(self._written)

    def restored(self, text: str) -> str:
        """Return a text with its gaps as they were written."""
        return _IS_GAP.sub(self._of, text) if self._written else text

    def _of(self, match: re.Match[str]) -> str:
        index = int(match[1])
        return self._written[index] if index < len(self._written) else match[0]


def has_gap(name: str) -> bool:
    """Return whether a name holds something that a template was to fill."""
    return _GAP in name.lower()


def without_templates(text: str, gaps: Gaps) -> str:
    """Return a text that a parser can read, with a name in the place of each gap."""
    text = text.removeprefix("\ufeff")
    if "{" in text or "<%" in text:
        text = _HOLES.sub(gaps.named, text)
    if "IDENTIFIER" in text.upper():
        text = _BY_TEXT.sub(gaps.by_text, text)
    return text


def without_client_lines(text: str, dialect: str) -> str:
    """Return a text without the lines that its client would have kept to itself."""
    if dialect == "mysql":
        for delimiter in list(dict.fromkeys(_DELIMITER.findall(text)))[:_MOST_DELIMITERS]:
            text = text.replace(delimiter, ";") if delimiter != ";" else text
        text = _DELIMITER.sub("", text)
    lines = _CLIENT_LINES.get(dialect)
    return lines.sub("", text) if lines is not None else text
