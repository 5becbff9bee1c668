"""Brings a database to the newest schema."""

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import OperationalError

_ROOT = Path(__file__).resolve().parents[3]
_TRIES = 5


def alembic_config(url: str) -> Config:
    """Alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(_ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def upgrade(url: str) -> None:
    """Run the missing migrations. A table that is locked for longer than a few seconds is tried again."""
    for attempt in range(1, _TRIES + 1):
        try:
            command.upgrade(alembic_config(url), "head")
            return
        except OperationalError as error:
            if getattr(error.orig, "pgcode", None) != "55P03" or attempt == _TRIES:  # lock_not_available
                raise
            time.sleep(attempt)
