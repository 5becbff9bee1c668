"""However many photos there are, galleries and the cleanup read of them what they need: by the indexes made for it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.adapters.db.connection import Database
from app.domain.job_log import Place
from app.domain.photo import PhotoFilter
from tests.support import databases
from tests.support.plans import plans
from tests.support.postgres_stores import PostgresStores

ALL, SLOT = PhotoFilter(), PhotoFilter(frozenset(["slot-003"]))
PLACE = Place(datetime.now(UTC) - timedelta(hours=12), UUID(int=7))
PHOTOS = 3000

_TAKEN = """
INSERT INTO job (id, slot_id, source, status, is_finalized, settings, booth, provider, operation, payload_mime_type,
    payload_path, payload_size_bytes, payload_sha256, result_file_path, result_mime_type, result_size_bytes,
    result_checksum, result_width, result_height, result_expires_at, created_at, finalized_at, expires_at)
SELECT id, 'slot-' || lpad((n % 15 + 1)::text, 3, '0'), 'ingest', 'finalized', true,
    '{"steps": [], "keeping": {"originals": true}}', 'BOOTH', 'local', 'image_edit', 'image/jpeg',
    'payloads/' || id, 1, '', 'results/' || id, 'image/jpeg', 1, '0', 1, 1, at + interval '72 hours', at, at, at
FROM (SELECT n, gen_random_uuid() AS id, now() - n * interval '10 seconds' AS at
      FROM generate_series(1, :photos) AS n) AS taken
"""


@pytest.fixture(scope="module")
def stores(server_url: str, template_database: str) -> Iterator[PostgresStores]:
    """Photos that are a third of a day old at most, and have their originals."""
    with databases.new_database(server_url, template_database) as url:
        database = Database(url, pool_size=1, application_name="tests")
        database.run(text(_TAKEN), {"photos": PHOTOS})
        database.run(text("VACUUM ANALYZE job"))
        yield PostgresStores(database)
        database.close()


QUESTIONS: dict[str, tuple[Callable[[PostgresStores], object], str]] = {
    "the newest": (lambda stores: stores.photos.older(ALL, None, 5), "Index Only Scan using ix_job_photo on"),
    "older ones": (lambda stores: stores.photos.older(ALL, PLACE, 5), "Index Only Scan using ix_job_photo on"),
    "newer ones": (
        lambda stores: stores.photos.newer(ALL, PLACE, 5),
        "Index Only Scan Backward using ix_job_photo on",
    ),
    "a slot's": (lambda stores: stores.photos.older(SLOT, None, 5), "Index Only Scan using ix_job_slot_photo on"),
    "one": (lambda stores: stores.photos.find(UUID(int=1)), "Index Scan using pk_job on"),
    "a tally": (lambda stores: stores.photos.tally(ALL), "Index Only Scan using ix_job_photo on"),
    "a slot's tally": (lambda stores: stores.photos.tally(SLOT), "Index Only Scan using ix_job_slot_photo on"),
    "days": (lambda stores: stores.photos.by_day(ALL, "Europe/Moscow"), "Index Only Scan using ix_job_photo on"),
    "slots": (lambda stores: stores.photos.by_slot(ALL), "Index Only Scan using ix_job_"),
    "booths": (lambda stores: stores.photos.by_booth(ALL), "Index Only Scan using ix_job_photo on"),
    "withdrawn ones": (lambda stores: stores.photos.withdrawn(ALL, 60), "ix_job_withdrawn"),
    "those shown again": (lambda stores: stores.photos.shown_again(ALL, 60, 5), "ix_job_shown"),
    "expired results": (lambda stores: stores.queue.forget_results(10), "Index Scan using ix_job_result on"),
    "deleted results": (lambda stores: stores.queue.forget_results(10), "Index Scan using ix_job_deleted on"),
    "payloads to forget": (lambda stores: stores.queue.forget_payloads(10), "ix_job_payload_due"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_nothing_is_looked_for_in_the_whole_table(stores: PostgresStores, name: str) -> None:
    ask, index = QUESTIONS[name]
    [plan] = plans(stores.database, lambda: ask(stores))
    assert index in plan
    assert "Seq Scan on job" not in plan
