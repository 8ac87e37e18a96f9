"""Break texts that people write, ask for their lineage, and count the answers that break a law.

    make fuzz-sql                                              20,000 rounds of another seed each time
    python benchmarks/sql/fuzz.py --seed 7 --only 1234         one round again, with its text

Each round is one text, made by its seed and number alone. Rounds run in a child, so that one that takes the process
with it, or never ends, costs only itself and is reported.
"""

# ruff: noqa: S311 - a seed must give the same texts again

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import json
import logging
import multiprocessing
import queue
import random
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from riverhead_emitter.model import Dataset
from riverhead_emitter.naming import Database
from riverhead_sql import SqlLineage, lineage_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from riverhead_emitter.model import Lineage

HERE = Path(__file__).parent
DIALECTS = (
    *("postgres", "redshift", "snowflake", "bigquery", "databricks", "spark", "hive", "trino", "presto", "athena"),
    *("mysql", "sqlite", "duckdb", "tsql", "oracle", "clickhouse", "teradata", "db2", "klingon", ""),
)
RESULT = Dataset("result", "rows")
SOFT_SECONDS, HARD_SECONDS, HUNG_SECONDS = 2.0, 4.0, 60.0
_WORDS = r"\s+|--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|{}|\$\$.*?\$\$|\{{\{{[^{{}}]*\}}\}}|\w+|."
_TOKEN = re.compile(_WORDS.format(r"\[[^\[\]]*\]"), re.DOTALL)
# T-SQL's brackets quote a name, in which ]] is one of them: white space there is the name's.
_TSQL_TOKEN = re.compile(_WORDS.format(r"\[(?:[^\]]|\]\])*\]"), re.DOTALL)
_KEYWORDS = frozenset({
    *("SELECT", "FROM", "WHERE", "INSERT", "INTO", "GROUP", "BY", "ORDER", "UNION", "ALL", "JOIN", "LEFT", "ON"),
    *("AND", "OR", "AS", "CASE", "WHEN", "THEN", "ELSE", "WITH"),
})  # fmt: skip
_INSERTED = (
    *("BEGIN", "END", "IF", "LOOP", "THEN", "ELSE", "WHILE", "FOR", "DECLARE", "EXCEPTION", "GO", ";", ";;", "$$"),
    *("(", ")", "[", "]", "'", '"', "`", "/*", "*/", "--", "{{", "}}", "{%", "%}", "${", "}", "<%", "\\", "é", "😀"),
    *("%s", "%(x)s", ":x", "?", "$1", "@x", "#t", "*", "t.*", ",", ".", "=", "::", "->", "->>", ":=", "NULL"),
    *("\x00", "\u202e", "\ud800", "\ufeff", "1e999", "9" * 400, "SELECT", "FROM", "WITH", "AS", "JOIN", "USING", "ON"),
    *("UNION ALL", "EXCEPT", "LATERAL", "UNNEST(a)", "PIVOT", "QUALIFY", "OVER ()", "WINDOW w AS (", "INTO", "VALUES"),
    *("MERGE INTO", "UPDATE", "SET", "DELETE", "RETURNING", "CREATE TABLE", "TEMP", "DROP TABLE t", "COPY", "UNLOAD"),
    *("ALTER TABLE a RENAME TO b", "CALL", "EXECUTE IMMEDIATE", "USE", "IDENTIFIER(", "RECURSIVE", "NATURAL", "ARRAY<"),
    *("GROUPING SETS", "TABLESAMPLE", "FOR SYSTEM_TIME AS OF", "CONNECT BY", "MATCH_RECOGNIZE", "STRUCT("),
)


class Attempt(NamedTuple):
    """One text, and how it is asked about."""

    sql: str
    dialect: str | None
    schema: Mapping[str, Sequence[str]] | None
    is_whole: bool = False
    """True if nobody broke it."""


def seeds(*more: Path) -> list[dict[str, Any]]:
    """Return the benchmark's cases, and those in other files of the same form."""
    files = [HERE / "cases.jsonl", HERE / "indirect.jsonl", *more]
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def attempt_of(cases: Sequence[dict[str, Any]], chance: random.Random) -> Attempt:
    """Return a text that is broken in up to six places; one of ten is left whole."""
    case = chance.choice(cases)
    tokens = _TOKEN.findall("; ".join(case["sql"]) if isinstance(case["sql"], list) else case["sql"])
    schema = case.get("schema") if chance.choice((True, True, False)) else None
    if chance.randrange(10) == 0:
        return Attempt("".join(tokens), case["dialect"] or None, schema, is_whole=True)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        tokens = chance.choice(MUTATIONS)(tokens, cases, chance) or ["SELECT"]
    dialect = chance.choice((case["dialect"], case["dialect"], chance.choice(DIALECTS))) or None
    return Attempt("".join(tokens), None if chance.randrange(10) == 0 else dialect, schema)


def _deleted(tokens: list[str], _: object, chance: random.Random) -> list[str]:
    at = chance.randrange(len(tokens))
    return tokens[:at] + tokens[at + chance.choice((1, 1, 2, 5)) :]


def _repeated(tokens: list[str], _: object, chance: random.Random) -> list[str]:
    at, length = chance.randrange(len(tokens)), chance.choice((1, 2, 5, 20))
    return tokens[:at] + tokens[at : at + length] * chance.choice((2, 2, 3, 20)) + tokens[at + length :]


def _swapped(tokens: list[str], _: object, chance: random.Random) -> list[str]:
    one, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return tokens


def _inserted(tokens: list[str], _: object, chance: random.Random) -> list[str]:
    at = chance.randrange(len(tokens) + 1)
    return [*tokens[:at], f" {chance.choice(_INSERTED)} ", *tokens[at:]]


def _spliced(tokens: list[str], cases: Sequence[dict[str, Any]], chance: random.Random) -> list[str]:
    other = _TOKEN.findall(str(chance.choice(cases)["sql"]))
    at, to = chance.randrange(len(tokens) + 1), chance.randrange(len(other) + 1)
    return tokens[:at] + other[to:] if chance.choice((True, False)) else [*tokens, ";\n", *other]


def _nested(tokens: list[str], _: object, chance: random.Random) -> list[str]:
    start = chance.randrange(len(tokens))
    end = min(len(tokens), start + chance.choice((1, 3, 10)))
    opening, closing = chance.choice(
        (("(", ")"), ("(SELECT ", ")"), ("COALESCE(", ", 1)"), ("CASE WHEN ", " THEN 1 END"), ("NOT ", ""), ("[", "]"))
    )
    times = chance.choice((1, 2, 20, 200))
    return [*tokens[:start], *[opening] * times, *tokens[start:end], *[closing] * times, *tokens[end:]]


def _cut(tokens: list[str], _: object, chance: random.Random) -> list[str]:
    text = "".join(tokens)
    at = chance.randrange(len(text) + 1)
    return [text[:at]] if chance.choice((True, False)) else [text[at:]]


def _named_hugely(tokens: list[str], _: object, chance: random.Random) -> list[str]:
    words = [at for at, token in enumerate(tokens) if token.isidentifier()] or [0]
    tokens[chance.choice(words)] = chance.choice(("x" * 5_000, "a." * 500 + "b", "{{ ref('a') }}", "{{ x", "", "*"))
    return tokens


MUTATIONS: tuple[Callable[[list[str], Sequence[dict[str, Any]], random.Random], list[str]], ...] = (
    _deleted, _repeated, _swapped, _inserted, _inserted, _spliced, _nested, _cut, _named_hugely,
)  # fmt: skip


def respelled(attempt: Attempt, chance: random.Random) -> str:
    """Return the same text with more white space, with comments and, where nobody broke it, other keyword case.

    Comments go behind names and signs: `GROUP /* why */ BY` is two words to the parser, and nobody writes it.
    """
    written = [""]
    for token in (_TSQL_TOKEN if attempt.dialect in {"tsql", "fabric"} else _TOKEN).findall(attempt.sql):
        if token.isspace():
            comment = "" if written[-1].isupper() or written[-1].upper() in _KEYWORDS else f"{token}/* why; 'not */ "
            written.append(token + chance.choice(("", " ", "\t", comment)))
        else:
            written.append(token.lower() if attempt.is_whole and token in _KEYWORDS else token)
    return "".join(written)


def broken_laws(attempt: Attempt, chance: random.Random, told: Callable[[], str] = str) -> Iterator[str]:
    """Yield every law that the answer to a text breaks; `told` returns what was printed or logged."""
    wall, cpu = time.monotonic(), time.process_time()
    try:
        answer = answer_to(attempt, attempt.sql)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        yield f"exception: {type(error).__name__}"
        return
    # Two processes may share a core; what counts is the time that this one had.
    seconds = min(time.monotonic() - wall, time.process_time() - cpu)
    if seconds > HARD_SECONDS or (seconds > SOFT_SECONDS and not answer.merged.unresolved):
        yield "over time"
    if "riverhead_" in str(answer).lower() and "riverhead_" not in attempt.sql.lower():
        yield "a made-up name is shown"
    for lineage in answer.statements:
        yield from _broken_by(lineage)
    yield from _broken_by_merging(answer)
    if seconds < SOFT_SECONDS / 4:
        yield from _broken_by_another_look(attempt, answer, chance)
    if told():
        yield "printed or logged"


def _broken_by_another_look(attempt: Attempt, answer: SqlLineage, chance: random.Random) -> Iterator[str]:
    if answer_to(attempt, attempt.sql) != answer:
        yield "asking twice gives two answers"
    if answer.merged.unresolved or attempt.dialect is None:
        return
    longer = answer_to(attempt, attempt.sql + "\n;\nSELECT 1").statements[: len(answer.statements)]
    if longer != answer.statements:
        yield "a statement behind it changes the answer"
    other = answer_to(attempt, respelled(attempt, chance))
    if [_facts(each) for each in other.statements] != [_facts(each) for each in answer.statements]:
        yield "white space, comments or keyword case change the answer"


def answer_to(attempt: Attempt, sql: str) -> SqlLineage:
    """Return the lineage of a text that is asked about as the attempt is."""
    default = Database("db", attempt.dialect, None, "s") if attempt.dialect is not None else None
    return lineage_of(sql, dialect=attempt.dialect, schema=attempt.schema, default=default, result=RESULT)


def _broken_by(lineage: Lineage) -> Iterator[str]:
    inputs = {touched.dataset for touched in lineage.inputs}
    outputs = {touched.dataset for touched in lineage.outputs}
    edges = [(edge.source.dataset, edge.output.dataset) for edge in lineage.columns]
    edges += [(edge.source.dataset, edge.output) for edge in lineage.datasets]
    edges += [
        (flow.source, flow.output)
        for flow in lineage.flows
        if isinstance(flow.source, Dataset) and isinstance(flow.output, Dataset)
    ]
    if any(source not in inputs | outputs for source, _ in edges):
        yield "an edge from what is neither read nor written"
    if any(output not in outputs for _, output in edges):
        yield "an edge into what is not written"


def _broken_by_merging(answer: SqlLineage) -> Iterator[str]:
    for part in ("columns", "datasets", "unresolved"):
        if set(getattr(answer.merged, part)) != {each for one in answer.statements for each in getattr(one, part)}:
            yield f"merged {part} are not the statements'"
    for part in ("inputs", "outputs"):
        of_each = {each.dataset for one in answer.statements for each in getattr(one, part)}
        if {each.dataset for each in getattr(answer.merged, part)} != of_each:
            yield f"merged {part} are not the statements'"


def _facts(lineage: Lineage) -> tuple[object, ...]:
    """All that is said, without the texts that were written."""
    return (
        [touched.dataset for touched in lineage.inputs],
        [touched.dataset for touched in lineage.outputs],
        [(edge.source, edge.output, edge.how, edge.is_masking) for edge in lineage.columns],
        [(edge.source, edge.output, edge.how) for edge in lineage.datasets],
        len(lineage.unresolved),
    )


def _rounds(options: argparse.Namespace, first: int, at: Any, found: Any) -> None:
    """Run rounds from the first on in this process, and tell of each what it broke."""
    cases = seeds(*options.cases)
    printed = io.StringIO()
    logging.getLogger().addHandler(logging.StreamHandler(printed))
    logging.getLogger().setLevel(logging.DEBUG)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        for number in range(first, options.rounds):
            at.value = number
            chance = random.Random(f"{options.seed}:{number}")
            attempt = attempt_of(cases, chance)
            broken = list(broken_laws(attempt, chance, printed.getvalue))
            printed.seek(0)
            printed.truncate()
            found.put((number, attempt.dialect, len(attempt.sql), broken))
    found.put(None)


def main() -> int:
    """Run all rounds and print what was counted."""
    options = _options()
    if options.only is not None:
        chance = random.Random(f"{options.seed}:{options.only}")
        attempt = attempt_of(seeds(*options.cases), chance)
        print(f"{attempt.dialect}: {attempt.sql!r}\nschema: {attempt.schema}\n{list(broken_laws(attempt, chance))}")
        return 0
    began = time.monotonic()
    told: list[tuple[int, str | None, int, list[str]]] = []
    while len(told) < options.rounds:
        told += _told(options, len(told))
    broken = collections.Counter(law for _, _, _, laws in told for law in laws)
    dialects = len({dialect for _, dialect, _, _ in told})
    print(
        f"seed {options.seed}: {len(told):,} texts, {sum(length for _, _, length, _ in told):,} characters, "
        f"{dialects} dialects, {time.monotonic() - began:.0f} s"
    )
    for law, count in broken.most_common():
        print(f"{count:6}  {law}: rounds {[number for number, _, _, laws in told if law in laws][:5]}")
    print("no law broken" if not broken else f"{sum(bool(laws) for _, _, _, laws in told)} texts broke a law")
    return int(bool(broken))


def _told(options: argparse.Namespace, first: int) -> list[tuple[int, str | None, int, list[str]]]:
    """Return what one child found, until it ended, died or hung."""
    context = multiprocessing.get_context("spawn")
    found, at = context.Queue(), context.Value("q", first)
    child = context.Process(target=_rounds, args=(options, first, at, found), daemon=True)
    child.start()
    told: list[tuple[int, str | None, int, list[str]]] = []
    waited_since = time.monotonic()
    while True:
        with contextlib.suppress(queue.Empty):
            said = found.get(timeout=1)
            if said is None:
                break
            told.append(said)
            waited_since = time.monotonic()
            continue
        if not child.is_alive() or time.monotonic() - waited_since > HUNG_SECONDS:
            how = "no end" if child.is_alive() else f"the process died ({child.exitcode})"
            child.kill()
            told.append((at.value, "?", 0, [how]))
            break
    child.join()
    return told


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Break SQL texts and look at the answers.")
    parser.add_argument("cases", nargs="*", type=Path, help="more files of cases, as lines of JSON")
    parser.add_argument("--rounds", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--only", type=int, help="this round alone, with its text")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
