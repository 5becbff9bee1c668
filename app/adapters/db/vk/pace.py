"""When a token may call VK next, decided by the database for all processes. It holds digests of tokens only."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import func, text

from app.adapters.db.connection import Database
from app.adapters.db.expiry import forget
from app.adapters.db.schema.vk import vk_pace
from app.domain.vk.errors import VkQuotaUsedUp

_MARGIN = 1.05  # a second of VK's is not quite one of ours
_QUEUE_SECONDS = 60.0  # no honest queue is longer: a place beyond was given by a clock that has since been put back
_KEPT = text("interval '1 day'")

# `clock_timestamp()`, for whoever waited for another's row comes later than its own statement began.
_RESERVE = text("""
INSERT INTO vk_pace AS pace (token_digest, next_at)
SELECT :digest, clock_timestamp() + make_interval(secs => :gap)
WHERE NOT EXISTS (
    SELECT FROM vk_pace WHERE token_digest IN (:digest, :of_method) AND parked_until > clock_timestamp()
)
ON CONFLICT (token_digest) DO UPDATE
SET next_at = make_interval(secs => :gap) + CASE
    WHEN pace.next_at > clock_timestamp() + make_interval(secs => :longest) THEN clock_timestamp()
    ELSE greatest(pace.next_at, clock_timestamp())
END
RETURNING greatest(0, extract(epoch FROM next_at - clock_timestamp()) - :gap)::float8 AS seconds
""")

_PARK = text("""
INSERT INTO vk_pace AS pace (token_digest, parked_until, park_reason)
VALUES (:digest, clock_timestamp() + make_interval(secs => :seconds), :reason)
ON CONFLICT (token_digest) DO UPDATE
SET parked_until = excluded.parked_until, park_reason = excluded.park_reason
WHERE pace.parked_until IS NULL OR pace.parked_until < excluded.parked_until
""")

_PARKED = text("""
SELECT token_digest, extract(epoch FROM parked_until - clock_timestamp())::float8 AS seconds, park_reason
FROM vk_pace WHERE token_digest = ANY(:digests) AND parked_until > clock_timestamp()
ORDER BY parked_until DESC
""")


class PostgresTokenPace:
    """Implements ports.vk.api.TokenPace and ports.ExpiringRows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, token: str, calls_per_second: int, method: str = "") -> float:
        digests = {"digest": _digest(token), "of_method": _digest(token, method)}
        limits = {"gap": _MARGIN / calls_per_second, "longest": _QUEUE_SECONDS}
        for row in self._database.run(_RESERVE, {**digests, **limits}):
            seconds: float = row.seconds
            return seconds
        for row in self._database.run(_PARKED, {"digests": list(digests.values())}):
            raise VkQuotaUsedUp(row.park_reason, method=method, retry_after=row.seconds)
        return self.reserve(token, calls_per_second, method)  # its rest ended between the two

    def park(self, token: str, seconds: float, reason: str, method: str = "") -> None:
        parameters = {"digest": _digest(token, method), "seconds": seconds, "reason": reason}
        self._database.run(_PARK, parameters)

    def parked(self, tokens: Sequence[str]) -> Mapping[str, float]:
        by_digest = {_digest(token): token for token in tokens}
        rows = self._database.run(_PARKED, {"digests": list(by_digest)})
        return {by_digest[row.token_digest]: row.seconds for row in rows}

    def forget_expired(self, limit: int) -> int:
        columns = vk_pace.c
        is_over = func.greatest(columns.next_at, columns.parked_until) < func.now() - _KEPT
        return forget(self._database, vk_pace, is_over, limit)


def _digest(token: str, method: str = "") -> str:
    return hashlib.sha256(f"{token}\n{method}".encode(errors="replace")).hexdigest()
