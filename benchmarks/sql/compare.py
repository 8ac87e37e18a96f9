"""Which column came from which, by Riverhead and four other parsers: how right, how fast; `make bench-sql` prints it.

    python benchmarks/sql/compare.py [--cases FILE [--indirect FILE]] [--contender NAME] [--no-hardest] [--wrong FILE]

Each parser runs in an environment and a process of its own and is asked each text in turn, so that the machine's noise
is in all of them alike; what they answer is scored here, by one rule for all.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hardest
import report
from asking import Answer, Contender
from report import Judged
from scoring import score

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HERE = Path(__file__).resolve().parent
# Each contender's module, and the environment that it runs in.
CONTENDERS = {
    "riverhead": "dev",
    "datahub": "sql-datahub",
    "sqlglot_plain": "sql-sqlglot",
    "sqllineage": "sql-sqllineage",
    "openlineage": "sql-openlineage",
}
Answers = list[tuple[dict[str, Any], Answer]]


def main() -> None:
    options = _options()
    contenders = [Contender(name, CONTENDERS[name], options.seconds) for name in options.contender or CONTENDERS]
    try:
        compare(contenders, options)
    finally:
        for contender in contenders:
            contender.close()


def compare(contenders: Sequence[Contender], options: argparse.Namespace) -> None:
    """Ask everything and print the tables."""
    print(
        f"\nPython {platform.python_version()}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}"
    )
    cases = _read(options.cases or HERE / "cases.jsonl")
    judged = _judged(asked(contenders, cases))
    report.accuracy(f"{len(cases)} texts, in shares of 100; CPU in milliseconds a text", contenders, judged)
    _write_wrong(options.wrong, judged)
    indirect = options.indirect or (None if options.cases else HERE / "indirect.jsonl")
    if indirect:
        cases = _read(indirect)
        judged = _judged(asked(contenders, cases))
        report.kinds(f"{len(cases)} texts by kind: recall / precision", contenders, judged)
        _write_wrong(options.wrong, judged)
    if options.hardest:
        judged = _judged(asked(contenders, list(hardest.cases())))
        report.worst("The hardest texts: CPU in milliseconds", contenders, judged)


def asked(contenders: Sequence[Contender], cases: Sequence[dict[str, Any]]) -> dict[str, Answers]:
    """Ask every contender one text before any is asked the next; return the answers of each."""
    answers: dict[str, Answers] = {contender.name: [] for contender in contenders}
    for at, case in enumerate(cases):
        # Whoever is first meets a processor that has just been busy with something else; so each is first at times.
        shift = at % len(contenders)
        for contender in (*contenders[shift:], *contenders[:shift]):
            answers[contender.name].append((case, contender.ask(case)))
    return answers


def _judged(answers: Mapping[str, Answers]) -> dict[str, list[Judged]]:
    return {
        name: [Judged(case, answer, score(case, answer.result)) for case, answer in pairs]
        for name, pairs in answers.items()
    }


def _read(path: Path) -> list[dict[str, Any]]:
    cases: Iterable[dict[str, Any]] = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [case for case in cases if not case.get("contested")]


def _write_wrong(path: Path | None, judged: Mapping[str, Sequence[Judged]]) -> None:
    if path is None:
        return
    with path.open("a", encoding="utf-8") as file:
        for name, all_of_it in judged.items():
            for one in all_of_it:
                if not one.score.is_right:
                    wrong = {"contender": name, "answer": one.answer.result, **one.case}
                    file.write(json.dumps(wrong) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=Path, help="cases of your own, in the form that README.md describes")
    parser.add_argument("--indirect", type=Path, help="cases whose edges have kinds")
    parser.add_argument("--contender", action="append", choices=CONTENDERS, help="ask only this one; may be repeated")
    parser.add_argument("--no-hardest", dest="hardest", action="store_false", help="leave the hardest texts out")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long a contender may take for one text")
    parser.add_argument("--wrong", type=Path, help="append every answer that is not right to this file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
