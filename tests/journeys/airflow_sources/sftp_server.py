"""A server for files on loopback, `sftp_server.py PORT PASSWORD`: it says when it listens, and ends with its input."""

from __future__ import annotations

import asyncio
import sys

import asyncssh


class Login(asyncssh.SSHServer):  # type: ignore[misc]  # Airflow's environment has it
    """Knows one password."""

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, _username: str, password: str) -> bool:
        return password == sys.argv[2]


async def main() -> None:
    """Serve until nobody wants it any more."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    await asyncssh.create_server(
        Login, "127.0.0.1", int(sys.argv[1]), server_host_keys=[key], sftp_factory=True, allow_scp=False
    )
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
