"""What is hidden because somebody asked: literals of SQL, a user's patterns, a host's own masker, unknown options."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverhead_emitter.emitter import Emitter
from riverhead_emitter.errors import ConfigurationError
from riverhead_emitter.observation import Observation
from riverhead_emitter.redaction import MASK, REDACTION, Redaction, allowed_options
from riverhead_emitter.redaction.strings import with_strings
from riverhead_emitter.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LITERALS = Redaction(hides_sql_literals=True)


def through(redaction: Redaction, value: Any) -> Any:
    return json.loads(redaction.scrubbed(json.dumps(value)))


@pytest.mark.parametrize(
    ("sql", "hidden"),
    [
        ("select a from t where b='it''s' and c<>'x'", "select a from t where b='***' and c<>'***'"),
        ("select a from t where b = E'it\\'s' and c", "select a from t where b = '***' and c"),
        ("select 1 where a in (N'x', U&'y', $$z'$$, $q$z$q$)", "select 1 where a in ('***', '***', '***', '***')"),
        ("select a -- b's\n from t", "select a -- ***\n from t"),
        ("/* it's x */ select 'y'", "/****/ select '***'".replace("/****/", "/*****/")),
        ('select "a" from "t" where "b" = "u"."c"', 'select "a" from "t" where "b" = "u"."c"'),
        ('select a from t where b = "x" and c like "y"', 'select a from t where b = "***" and c like "***"'),
        ('select `a`, """it"s""" from t where b in ("x", "y")', 'select `a`, "***" from t where b in ("***", "***")'),
        ("select `a`, '''it's''' from t", "select `a`, '***' from t"),
        ("select '''a' from t where b = '''x'", "select '***' from t where b = '***'"),
        ("select 1 where a = 'C:\\' and b = 'x'", "select 1 where a = '***' and b = '***'"),
        ("select 'it\\'s', 'x'", "select '***', '***'"),
        ("select 'never closed", "select '***'"),
        ("copy t from 's3://bucket/folder'", "copy t from 's3://bucket/folder'"),
        ("copy t from 's3://bucket/folder?who=ada'", "copy t from '***'"),
        ("psql -c \"select 1 from t where a = 'x'\"", "psql -c \"select 1 from t where a = '***'\""),
        ("it's fine, isn't it", "it's fine, isn't it"),
        ("-----BEGIN FILE-----\nit's", "-----BEGIN FILE-----\nit's"),
    ],
)
def test_literals_and_comments_of_sql_go_where_that_is_asked_for(sql: str, hidden: str) -> None:
    assert through(LITERALS, {"sql": sql}) == {"sql": hidden}
    assert LITERALS.scrubbed(sql) == hidden
    assert through(REDACTION, sql) == sql


def test_where_nobody_can_tell_what_is_a_literal_the_rest_goes() -> None:
    assert through(LITERALS, "select 'a\\'' and 'b\\' , c") == "select '***'"


def test_names_of_values_stay_and_so_does_what_is_no_sql() -> None:
    value = {"select 'a'": "it's", "n": 1, "deep": [{"x": "a 'b'"}]}

    assert through(LITERALS, value) == value


def test_a_users_pattern_hides_what_it_finds_or_its_group_named_secret() -> None:
    redaction = Redaction(patterns=(r"\d{16}", r"customer-(?P<secret>\w+)"))
    value = {"text": 'card 1234567812345678 of "customer-ada"', "n": 1234567812345678}

    assert through(redaction, value) == {"text": 'card *** of "customer-***"', "n": 1234567812345678}
    assert redaction.scrubbed("card 1234567812345678") == "card ***"


def test_a_pattern_finds_what_the_json_of_a_record_escapes() -> None:
    assert through(Redaction(patterns=('p"w é',)), {"a": 'x p"w é y'}) == {"a": "x *** y"}


def test_a_pattern_finds_what_lies_anywhere_in_a_long_text() -> None:
    text = "word " * 10_000 + "hide-me " + "word " * 10_000

    assert "hide-me" not in Redaction(patterns=("hide-me",)).scrubbed(text)
    assert all(
        "hide-me" not in Redaction(patterns=("hide-me",)).scrubbed(" " * before + "hide-me")
        for before in range(16_370, 16_390)
    )


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "pattern 2 .*unterminated subpattern at position 0"),
        ("x*", "pattern 2 .*no character"),
        ("a" * 2_000, "longer than"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_named_by_its_number(pattern: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        Redaction(patterns=("fine", pattern))
    with pytest.raises(ConfigurationError, match=r"pattern 1 (?!.*hunter2)"):
        Redaction(patterns=("hunter2(",))


def test_too_many_patterns_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="at most 64"):
        Redaction(patterns=tuple(f"p{number}" for number in range(65)))


def test_a_hosts_own_masker_sees_texts_as_they_are() -> None:
    redaction = REDACTION.with_masker(lambda text: text.replace('p"w', MASK))

    assert through(redaction, {"a": 'x p"w y', "b": ['p"w']}) == {"a": "x *** y", "b": ["***"]}
    assert redaction.scrubbed('x p"w y') == "x *** y"


def test_what_stands_behind_an_empty_text_is_hidden_too() -> None:
    value = {"empty": "", "text": "hunter2", "sql": "select 'hunter2'"}
    hidden = {"empty": "", "text": MASK, "sql": f"select '{MASK}'"}

    assert through(Redaction(patterns=("hunter2",)), value) == hidden
    assert through(REDACTION.with_masker(lambda text: text.replace("hunter2", MASK)), value) == hidden
    assert through(LITERALS, value) == {**value, "sql": f"select '{MASK}'"}


@pytest.mark.parametrize("escaped", ["", 'a "quoted" one'])
def test_a_masker_is_asked_once_for_each_text_of_a_record_and_for_no_name(escaped: str) -> None:
    asked: list[str] = []

    def masker(text: str) -> str:
        asked.append(text)
        return text

    through(REDACTION.with_masker(masker), {"name": "ada", "names": ["ada", "bob", "name"], "deep": [{"x": escaped}]})

    assert sorted(asked) == sorted({"ada", "bob", "name", escaped})


def test_a_masker_that_learns_a_secret_while_the_host_works_is_asked_anew() -> None:
    secrets: list[str] = []
    redaction = REDACTION.with_masker(lambda text: MASK if text in secrets else text)
    assert through(redaction, ["hunter2"]) == ["hunter2"]

    secrets.append("hunter2")

    assert through(redaction, ["hunter2"]) == [MASK]


def test_what_one_pattern_let_pass_is_shown_to_another_and_a_long_text_every_time() -> None:
    value = ["card 1234", "x" * 1_000 + " 1234"]
    assert through(Redaction(patterns=("nothing",)), value) == value

    for _ in range(2):
        assert "1234" not in json.dumps(through(Redaction(patterns=(r"\d{4}",)), value))


def stepped(value: Any, step: Callable[[str], str]) -> Any:
    match value:
        case dict():
            return {key: stepped(item, step) for key, item in value.items()}
        case list():
            return [stepped(item, step) for item in value]
    return step(value) if isinstance(value, str) else value


TEXTS = st.text('a",:\\{}[]\né ', max_size=6)
VALUES = st.recursive(
    TEXTS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([None, 1]))
@settings(max_examples=100, deadline=None)
def test_every_text_of_a_record_is_shown_as_it_is_and_every_name_stays(value: Any, indent: int | None) -> None:
    def step(text: str) -> str:
        return f"<{text}" if "a" in text else text

    assert json.loads(with_strings(json.dumps(value, indent=indent), step)) == stepped(value, step)


def test_a_masker_comes_before_what_would_leave_half_a_secret() -> None:
    redaction = REDACTION.with_masker(lambda text: text.replace("ab,cd;ef", MASK))

    assert "cd" not in redaction.scrubbed("failed: password=ab,cd;ef")


def test_a_record_that_the_masker_fails_on_is_not_kept_and_counted(tmp_path: Path) -> None:
    def fails(text: str) -> str:
        raise RuntimeError(text)

    emitter = Emitter(Settings(tmp_path, redaction=REDACTION.with_masker(fails)))

    assert not emitter.observe(Observation("tests", 1, "01890a5d-ac96-774b-bcce-b302099a8057", {"text": "canary"}))
    assert sum(emitter.failures.counts.values()) == 1
    assert [path for path in tmp_path.rglob("*.seg") if b"canary" in path.read_bytes()] == []


def test_a_redaction_is_a_value() -> None:
    assert Redaction(patterns=("a",)) == Redaction(patterns=("a",))
    assert len({Redaction(), REDACTION, Redaction(hides_sql_literals=True)}) == 2


def test_only_options_that_are_known_to_be_safe_keep_their_values() -> None:
    options = {
        "url": "jdbc:postgresql://u:p@db/shop", "dbtable": "orders", "Header": True, "spark.shuffle.partitions": 8,
        "user": "ada", "new.option": "x", "spark.shuffle.secret": "x", "password": "x",
    }  # fmt: skip

    assert allowed_options(options) == {
        "url": "jdbc:postgresql://***@db/shop", "dbtable": "orders", "Header": True, "spark.shuffle.partitions": 8,
        "user": "***", "new.option": "***", "spark.shuffle.secret": "***", "password": "***",
    }  # fmt: skip


def test_a_host_can_name_more_options_but_never_a_secret() -> None:
    options = {"team.name": "shop", "team.token": "x", "User": "ada"}

    assert allowed_options(options, more=["team.*", "user"]) == {
        "team.name": "shop",
        "team.token": "***",
        "User": "ada",
    }


@pytest.mark.fault
@pytest.mark.parametrize(
    "piece", ["'", '"', "select '", "/*", "--", "$$", "$a$", "\\'", "e'", "`", "'''", "select ", "( "]
)
def test_hiding_literals_takes_ten_times_as_long_for_ten_times_the_text(piece: str) -> None:
    def seconds_for(length: int) -> float:
        text = json.dumps({"sql": "select `a` " + piece * (length // len(piece))})
        began = time.process_time()
        LITERALS.scrubbed(text)
        return time.process_time() - began

    seconds_for(1_000)

    assert seconds_for(100_000) < max(25 * seconds_for(10_000), 0.25)
