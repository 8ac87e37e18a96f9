"""What one host calls a secret, as a frozen value, and the scan that takes it out of a text or of a record's JSON."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from riverhead_emitter.loading import loading
from riverhead_emitter.redaction.addresses import without_user_info
from riverhead_emitter.redaction.commands import SIGNS as SIGNS_OF_COMMANDS
from riverhead_emitter.redaction.commands import without_arguments
from riverhead_emitter.redaction.looking import familiar_to, lowered, note_familiar, signs_in, unfamiliar_in
from riverhead_emitter.redaction.named import SIGNS as SIGNS_OF_NAMES
from riverhead_emitter.redaction.named import without_named_secrets
from riverhead_emitter.redaction.patterns import compiled, without_matches
from riverhead_emitter.redaction.shapes import SIGNS as SIGNS_OF_SHAPES
from riverhead_emitter.redaction.shapes import without_shapes

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field
else:
    from riverhead_emitter.frozen import dataclass, field


# Words of which one stands wherever something is hidden that is no address. Without any, nothing else is looked for.
_SIGNS = (*SIGNS_OF_NAMES, *SIGNS_OF_COMMANDS, *SIGNS_OF_SHAPES)
# The longest secret that is hidden whole where a text has to be cut.
_MARGIN = 2_000


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is hidden beyond what always is: SQL's literals, a user's patterns, what the host's own masker knows."""

    hides_sql_literals: bool = False
    patterns: tuple[str, ...] = ()
    masker: Callable[[str], str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse a pattern that cannot be used while somebody is there to read why."""
        if self.patterns:
            compiled(self.patterns)

    def with_masker(self, masker: Callable[[str], str]) -> Redaction:
        """Return the same with what the host itself hides, as Airflow's `secrets_masker.redact` does."""
        return type(self)(self.hides_sql_literals, self.patterns, masker)

    def scrubbed(self, text: str) -> str:
        """Return the text, or a record's JSON as JSON, without secrets."""
        is_json = text.lstrip(" \n")[:1] in ("{", "[", '"')
        # First, while what a host knows and what a user describes is still whole.
        if self.masker is not None:
            text = _with_strings(text, self.masker, is_json=is_json)
        if self.patterns:
            without = partial(without_matches, self.patterns)
            text = _with_strings(text, without, familiar_to(self.patterns), is_json=is_json)
        text = _without_what_is_always_hidden(text, is_json=is_json)
        if self.hides_sql_literals:
            with loading():
                from riverhead_emitter.redaction.sql_literals import without_literals

            text = _with_strings(text, without_literals, familiar_to(without_literals), is_json=is_json)
        return text

    def beginning(self, text: str, longest: int) -> str:
        """Return a text's beginning without secrets, hidden before it is cut: half a secret looks like none."""
        if len(text) <= longest + 2 * _MARGIN:
            return self.scrubbed(text)[:longest]
        # Whatever is cut in two at the end of what is looked at is within the margin, however short the rest became.
        return self.scrubbed(text[: longest + 2 * _MARGIN])[:-_MARGIN][:longest]

    def ending(self, text: str, longest: int) -> str:
        """Return a text's end likewise."""
        if len(text) <= longest + 2 * _MARGIN:
            return self.scrubbed(text)[-longest:]
        return self.scrubbed(text[-longest - 2 * _MARGIN :])[_MARGIN:][-longest:]


def _with_strings(text: str, step: Callable[[str], str], familiar: set[str] | None = None, *, is_json: bool) -> str:
    with loading():
        from riverhead_emitter.redaction.strings import with_strings

    return with_strings(text, step, familiar) if is_json else step(text)


def _without_what_is_always_hidden(text: str, *, is_json: bool) -> str:
    public = without_user_info(text)
    pieces = unfamiliar_in(public)
    signs = signs_in(pieces, _SIGNS)
    hidden = public
    if signs:
        hidden = without_named_secrets(public, lowered(public), signs, is_json=is_json)
        hidden = without_shapes(without_arguments(hidden, signs, is_json=is_json), signs)
    if hidden == text:
        note_familiar(pieces, signs)
    return hidden


REDACTION = Redaction()
# One of each, so that every rule is asked for.
_OF_ALL_RULES = (
    "https://a:b@c",
    "%3A%2F%2Fa:b%40c",
    "a:b@tcp(c)",
    "-u a:b",
    "?a%20b=c",
    *(f"{sign}=a1" for sign in _SIGNS),
)


def prepare_rules() -> None:
    """Compile every rule now, so that the processes that are forked off later need not, each for itself."""
    for text in _OF_ALL_RULES:
        REDACTION.scrubbed(text)
        REDACTION.scrubbed(f'{{"a": "{text}"}}')
    REDACTION.with_masker(str.upper).scrubbed('{"a": "b"}')


def scrubbed(text: str) -> str:
    """Return the text without what is a secret everywhere."""
    return REDACTION.scrubbed(text)
