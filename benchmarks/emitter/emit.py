"""Every figure of the emitter, each beside the official client in the same run; `make bench` prints them.

Each table is also a script of its own: latency.py, drained.py, fresh.py, processes.py.
"""

from __future__ import annotations

import drained
import fresh
import latency
import processes

if __name__ == "__main__":
    latency.main()
    drained.main()
    fresh.main()
    processes.main()
