"""Write `.env` for docker-compose.yml: `docker/env.example` with a fresh secret for each placeholder.

    python3 docker/make_env.py

A `.env` that is already there is left alone: the databases were made with its passwords.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent / "env.example"
PLACEHOLDER = "<generated>"


def main(words: list[str]) -> int:
    """Write the file named, or `.env` beside docker-compose.yml."""
    target = Path(words[0]) if words else EXAMPLE.parent.parent / ".env"
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sys.stderr.write(f"{target} is already there and stays as it is; move it away to get a new one\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"cannot write {target}: {error.strerror}\n")
        return 1
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join(map(_filled, EXAMPLE.read_text(encoding="utf-8").splitlines())) + "\n")
    return 0


def _filled(line: str) -> str:
    return line.replace(PLACEHOLDER, _secret()) if line.endswith(PLACEHOLDER) else line


def _secret() -> str:
    # 32 bytes in URL-safe base64: what Airflow wants of a Fernet key, and harmless in a database URL.
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
