"""cleanup.py that takes its time: `python -m tests.support.slow_cleanup SECONDS LEASE_SECONDS`.

It waits SECONDS after each batch of deletions, two files each, and holds its purges for LEASE_SECONDS at a time.
"""

import sys
import time
from collections.abc import Sequence

import cleanup
from app.adapters.db import upkeep
from app.adapters.files.directory import DirectoryFiles
from app.services import retention

_delete = DirectoryFiles.delete


def _delete_slowly(self: DirectoryFiles, keys: Sequence[str]) -> None:
    _delete(self, keys)
    time.sleep(float(sys.argv[1]))


if __name__ == "__main__":
    DirectoryFiles.delete = _delete_slowly  # type: ignore[method-assign]
    upkeep.PURGE_LEASE_SECONDS = int(sys.argv[2])
    retention._BATCH = 2
    cleanup.main()
