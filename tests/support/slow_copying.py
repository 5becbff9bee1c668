"""cleanup.py that needs long for each copy: `python -m tests.support.slow_copying SECONDS HOLD_SECONDS`.

It waits SECONDS between storing a file and giving it its name, and holds each photo for HOLD_SECONDS.
"""

import sys
import time
from pathlib import Path

import cleanup
from app.adapters.files import directory
from app.services import copies

_publish = directory._publish


def _publish_slowly(source: Path, target: Path) -> None:
    time.sleep(float(sys.argv[1]))
    _publish(source, target)


if __name__ == "__main__":
    directory._publish = _publish_slowly
    copies._HOLD_SECONDS = float(sys.argv[2])
    cleanup.main()
