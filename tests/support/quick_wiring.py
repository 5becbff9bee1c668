"""What hundreds of tests make anew of the application, without what costs them a second each and proves nothing."""

from functools import cache

from argon2.profiles import CHEAPEST

from app.adapters.catalogue import load_catalogue
from app.adapters.http.client import Http
from app.adapters.passwords import Argon2Hasher
from app.config import Settings
from app.wiring import Wiring

_catalogue = cache(load_catalogue)
_http = cache(Http)


class QuickWiring(Wiring):
    """The application's own parts, but that passwords are hashed at Argon2's least cost, and that one catalogue and one
    reading of the certificate authorities serve all.

    Tests of whole processes (tests/processes, tests/browser) pay the real price.
    """

    def __init__(self, settings: Settings, *, role: str, pool_size: int = 10) -> None:
        super().__init__(settings, role=role, pool_size=pool_size)
        self.hasher = Argon2Hasher(CHEAPEST)
        self.catalogue = _catalogue(settings.catalogue_path)
        self.http = _http()
