from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

import house
from riverhead_emitter.settings import OUR_KEYS, Settings, settings_from

TEXT = (house.ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(found) for found in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]


def table(heading: str) -> dict[str, str]:
    rows = re.findall(
        r"^\| (.*?) \| (.*) \|$", TEXT.partition(f"## {heading}\n")[2].partition("\n## ")[0], re.MULTILINE
    )
    return dict(rows[1:])


def test_every_setting_of_ours_is_documented_and_nothing_else_is() -> None:
    assert sorted(name.strip("`") for name in table("Ours")) == sorted(OUR_KEYS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: next(iter(example)))
def test_an_example_is_read_as_it_stands(example: dict[str, Any]) -> None:
    values = {f"OPENLINEAGE__{name.upper()}": json.dumps(branch) for name, branch in example.items()}
    plain = settings_from({})

    settings = settings_from(values)

    assert settings != plain
    assert isinstance(settings, Settings)


def test_every_key_of_an_example_of_a_transport_is_read() -> None:
    (transport,) = (example["transport"] for example in EXAMPLES if "transport" in example)
    whole = settings_from({"OPENLINEAGE__TRANSPORT": json.dumps(transport)})

    without = [{key: value for key, value in transport.items() if key != left} for left in transport]
    unread = [
        sorted(transport.keys() - fewer.keys())
        for fewer in without
        if "url" in fewer and "type" in fewer and settings_from({"OPENLINEAGE__TRANSPORT": json.dumps(fewer)}) == whole
    ]

    # These two say what is so without them, too.
    assert unread == [["endpoint"], ["timeout"]]
