"""How every process starts, and how it says in one line what keeps it from starting."""

import contextlib
import sys
from collections.abc import Iterator

from app.adapters.catalogue import CatalogueError
from app.adapters.embedded_postgres.errors import EmbeddedPostgresError
from app.adapters.vk_api.rules import VkRulesError
from app.config import ConfigError, Settings, load_settings
from app.domain.errors import Unavailable
from app.logs import configure_logs


@contextlib.contextmanager
def startup(role: str) -> Iterator[Settings]:
    """The settings of this process, with its logs on.

    What is wrong with the environment, the catalogue, the media store or the database while the block runs ends the
    process with status 1 and a line on standard error instead of a traceback: whoever starts it can mend all of these.
    """
    try:
        settings = load_settings()
        configure_logs(role)
        yield settings
    except (ConfigError, CatalogueError, VkRulesError, EmbeddedPostgresError, Unavailable) as error:
        sys.exit(f"PhotoChanger ({role}) cannot start: {' '.join(str(error).split())}")
