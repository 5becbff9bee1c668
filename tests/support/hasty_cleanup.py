"""cleanup.py that looks for alerts every second and gives workers no time to start: `python -m …hasty_cleanup`."""

import cleanup
from app.services.alerts import house

if __name__ == "__main__":
    cleanup._TELL_SECONDS = 1
    house._WORKER_GRACE_SECONDS = 0.0
    cleanup.main()
