"""Secrets that are known by their shape, whatever they are called: keys of clouds and services, JWTs, private keys."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from riverhead_emitter.redaction.mask import MASK

if TYPE_CHECKING:
    from collections.abc import Container

# Serialised, a line's end before a key looks like a letter of it.
_START = r"(?:(?<![\w-])|(?<=\\[nrt]))"
# Each is looked for where its word is in the text in lower case. What a pattern's group 1 holds stays. A pattern takes
# the whole run of characters that it begins, so that text made of its beginnings is not read again and again.
_SHAPES = {
    "akia": rf"(){_START}(?:AKIA|ASIA)[0-9A-Z]{{16}}\b",
    "asia": rf"(){_START}(?:AKIA|ASIA)[0-9A-Z]{{16}}\b",
    "eyj": rf"(){_START}eyJ[\w-]{{6,}}\.[\w-]{{6,}}(?:\.[\w-]*){{1,3}}",
    "ghp_": rf"(){_START}gh[pousr]_[A-Za-z0-9]{{30,}}",
    "gho_": rf"(){_START}gh[pousr]_[A-Za-z0-9]{{30,}}",
    "ghu_": rf"(){_START}gh[pousr]_[A-Za-z0-9]{{30,}}",
    "ghs_": rf"(){_START}gh[pousr]_[A-Za-z0-9]{{30,}}",
    "ghr_": rf"(){_START}gh[pousr]_[A-Za-z0-9]{{30,}}",
    "github_pat_": rf"(){_START}github_pat_\w{{30,}}",
    "glpat-": rf"(){_START}glpat-[\w-]{{20,}}",
    "xox": rf"(){_START}xox[a-z]-[\w-]{{10,}}",
    "k_live_": rf"(){_START}[prs]k_live_\w{{16,}}",
    "sk-": rf"(){_START}sk-(?=[\w-]{{0,80}}\d)[\w-]{{32,}}",
    "aiza": rf"(){_START}AIza[\w-]{{35}}",
    "dapi": rf"(){_START}dapi[0-9a-f]{{32}}(?:-\d)?",
    "hf_": rf"(){_START}hf_[A-Za-z0-9]{{30,}}",
    "npm_": rf"(){_START}npm_[A-Za-z0-9]{{36}}",
    "pypi-": rf"(){_START}pypi-[\w-]{{50,}}",
    "sg.": rf"(){_START}SG\.[\w-]{{20,}}\.[\w-]{{40,}}",
    "hvs.": rf"(){_START}hvs\.[\w-]{{20,}}",
    "ya29.": rf"(){_START}ya29\.[\w.-]{{20,}}",
    "/api/webhooks/": r"(/api/webhooks/\d{1,30}/)[\w-]{10,}",
    "api.telegram.org/": r"(api\.telegram\.org/(?:file/)?bot)\d{1,20}:[\w-]{10,}",
    "hooks.slack.com": r"(hooks\.slack\.com/services/)[\w/-]{10,}",
    "private key": r"(-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)"
    r"(?:[^\"'\\-]|\\[nrtu\\]|-(?!----)){20,}",
    "bearer": r"(\b[Bb]earer\s{1,3})(?=[\w.~+/-]{0,200}[\d._~+/-])[\w.~+/-]{8,}=*",
    "basic ": r"(\b[Bb]asic\s{1,3})(?=[a-z]{0,200}[A-Z0-9])[A-Za-z0-9+/]{8,}={0,2}(?![\w])",
}


SIGNS = tuple(_SHAPES)


@cache
def _pattern(shape: str) -> re.Pattern[str]:
    return re.compile(shape, re.ASCII)


def without_shapes(text: str, signs: Container[str]) -> str:
    """Return the text with the mask in place of what has a secret's shape; `signs` are those that are in it."""
    for shape in dict.fromkeys(shape for sign, shape in _SHAPES.items() if sign in signs):
        text = _pattern(shape).sub(rf"\g<1>{MASK}", text)
    return text
