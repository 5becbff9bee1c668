"""The operating system account that the server runs as: PostgreSQL refuses to be root."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.adapters.embedded_postgres.errors import EmbeddedPostgresError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True)
class Account:
    """Runs commands as the caller or, when `uid` and `gid` are given, as that account (only root may)."""

    uid: int | None = None
    gid: int | None = None

    def run(
        self, command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end, stdout and stderr together; OSError when the command cannot be executed.

        The environment is only `env`: PostgreSQL's tools obey a dozen variables that are none of ours.
        """
        return subprocess.run(  # noqa: S603 - our own programs, no shell
            command,
            cwd=cwd,
            env={"LC_ALL": "C", **(env or {})},
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            umask=0o077,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )

    def own(self, path: Path) -> None:
        """Give `path` to the account, closed to everybody else."""
        path.chmod(0o700)
        if self.uid is None or self.gid is None:
            return
        try:
            os.chown(path, self.uid, self.gid)
        except OSError as error:
            raise EmbeddedPostgresError(
                f"PostgreSQL does not run as root, and root may not hand {path} to another account "
                f"({error.strerror}): start as an ordinary user, or set DATABASE_URL"
            ) from error

    def reaches(self, directory: Path) -> bool:
        """Whether every parent lets the account through to `directory`."""
        return self.uid is None or self.run(["/usr/bin/env", "test", "-x", directory]).returncode == 0

    def can_execute(self, program: Path) -> bool:
        """Whether parents and the program itself let the account run it."""
        if self.uid is None:
            return True
        try:
            return self.run([program, "--version"]).returncode == 0
        except PermissionError:
            return False


def account_for(directory: Path) -> Account:
    """Who runs the server whose files are in `directory`: its owner if the caller is root, else the caller.

    A directory that belongs to root itself is run by `nobody`.
    """
    if os.geteuid() != 0:
        return Account()
    owner = directory.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root and there is no account {UNPRIVILEGED!r}: "
            "start as an ordinary user, or set DATABASE_URL"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)
