"""A migrated database for a benchmark, on the server of DATABASE_URL or on an embedded one."""

import contextlib
import os
from collections.abc import Iterator

from tests.support import databases


@contextlib.contextmanager
def scratch_database() -> Iterator[str]:
    """The URL of a fresh database; the embedded server keeps its production settings, fsync included."""
    given = os.environ.get("DATABASE_URL")
    with contextlib.ExitStack() as stack:
        server = given or stack.enter_context(databases.private_server()).ensure_running()
        template = stack.enter_context(databases.migrated_template(server))
        yield stack.enter_context(databases.new_database(server, template))
