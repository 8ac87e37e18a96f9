"""Twenty thousand segments of one record each, and few descriptors."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MANY = """
import resource, sys, time
from pathlib import Path
from riverhead_emitter.delivery.drainer import Drainer
from riverhead_emitter.delivery.file import FileSender
from riverhead_emitter.settings import FileSink
from riverhead_emitter.spool import segment
from riverhead_emitter.spool.places import make_private
from riverhead_emitter.spool.reader import segments_in
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
directory, target, many = Path(sys.argv[1]) / "0" / "many", sys.argv[2], int(sys.argv[3])
make_private(directory)
body = b'{"event":{"job":{"name":"%d"}}}'
for at in range(many):
    line = segment.line_of(segment.Record(1_000 + at, f"r{at % 7}", body % at))
    (directory / f"{1_000 + at:016x}-1-{at:08x}.seg").write_bytes(segment.header() + line)
began = time.monotonic()
drainer = Drainer(directory, [FileSender(FileSink(target))], 10.0)
assert drainer.drain(300)
drainer.close()
assert segments_in(directory) == []
print(f"{many} segments drained in {time.monotonic() - began:.1f} s")
"""


def drained(tmp_path: Path, many: int) -> str:
    target = tmp_path / "events.ndjson"
    command = [sys.executable, "-c", MANY, str(tmp_path / "spool"), str(target), str(many)]
    done = subprocess.run(command, capture_output=True, timeout=400, check=False)
    assert done.stderr.decode() == ""
    assert target.read_text() == "".join(f'{{"job":{{"name":"{at}"}}}}\n' for at in range(many))
    return done.stdout.decode().strip()


@pytest.mark.fault
def test_two_thousand_segments_are_drained_in_order_with_few_descriptors(tmp_path: Path) -> None:
    assert drained(tmp_path, 2_000).startswith("2000 segments drained in")


@pytest.mark.fault
@pytest.mark.matrix
def test_twenty_thousand_segments_are_drained_in_order_with_few_descriptors(tmp_path: Path) -> None:
    said = drained(tmp_path, 20_000)

    print(said)  # noqa: T201 - the figure that people ask for; shown by `pytest -rP`
    assert said.startswith("20000 segments drained in")
