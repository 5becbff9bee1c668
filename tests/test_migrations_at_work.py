"""A release comes while photos are taken: nobody waits for it, it is tried again, and what was is counted."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, text

from app.adapters.db.connection import Database
from app.adapters.db.migrate import alembic_config, upgrade
from app.domain.statistics import Selection
from tests.factories import new_job
from tests.queue.counting import counted, endings, spent
from tests.support.postgres_stores import PostgresStores
from tests.test_migrations import dump
from tests.waiting import until

_ENDED_AN_HOUR_AGO = """
INSERT INTO job (id, slot_id, source, settings, booth_fields, provider, operation, payload_mime_type,
                 payload_size_bytes, payload_sha256, created_at, expires_at, status, is_finalized, finalized_at,
                 failure_reason, failure_detail)
SELECT gen_random_uuid(), 'slot-001', 'ingest', '{}', '{}', 'gemini', 'fusion', 'image/jpeg', 1, '',
       now() - INTERVAL '61 minutes', now(), 'finalized', true, now() - INTERVAL '1 hour',
       'provider_error', CAST(:detail AS jsonb)
FROM generate_series(1, :number)
"""
_LOGGED = """
INSERT INTO processing_log (job_id, slot_id, at, event, duration_ms, detail)
SELECT id, slot_id, finalized_at, 'attempt', 7000, JSONB '{"provider": "gemini", "cost_usd": "0.039"}' FROM job
UNION ALL
SELECT NULL, slot, now() - INTERVAL '1 hour', 'refused', NULL, JSONB '{"reason": "invalid_password"}'
FROM (VALUES ('slot-001'), ('slot-001'), ('slot-099')) AS sent (slot)
"""


@pytest.fixture
def engine(empty_database_url: str) -> Iterator[Engine]:
    """The database of the version before."""
    command.upgrade(alembic_config(empty_database_url), "0005")
    engine = create_engine(empty_database_url)
    yield engine
    engine.dispose()


@contextmanager
def new_version(url: str) -> Iterator[PostgresStores]:
    database = Database(url, pool_size=2, application_name="tests")
    yield PostgresStores(database)
    database.close()


def fail_jobs(engine: Engine, number: int, detail: str = '{"fault": "no_image"}') -> None:
    with engine.begin() as connection:
        connection.execute(text(_ENDED_AN_HOUR_AGO), {"number": number, "detail": detail})


def ask(engine: Engine, question: str) -> object:
    with engine.connect() as connection:
        return connection.scalar(text(question))


def test_the_table_of_jobs_is_not_written_anew(engine: Engine, empty_database_url: str) -> None:
    before = ask(engine, "SELECT pg_relation_filenode('job')")
    upgrade(empty_database_url)
    assert ask(engine, "SELECT pg_relation_filenode('job')") == before


def test_failures_are_named_a_few_thousand_at_a_time(engine: Engine, empty_database_url: str) -> None:
    fail_jobs(engine, 5001)
    upgrade(empty_database_url)
    assert ask(engine, "SELECT count(*) FROM job WHERE failure_code = 'no_image'") == 5001
    assert ask(engine, "SELECT count(DISTINCT CAST(xmin AS text)) FROM job") == 2


@pytest.mark.parametrize(
    ("detail", "code"),
    [
        ('{"code": "provider_error", "fault": "no_image"}', "no_image"),
        ('{"code": "worker_lost"}', "worker_lost"),
        (None, "provider_error"),
    ],
    ids=["fault", "code", "reason"],
)
def test_a_failure_has_the_most_exact_name(engine: Engine, empty_database_url: str, detail: str, code: str) -> None:
    fail_jobs(engine, 1, detail)
    upgrade(empty_database_url)
    assert ask(engine, "SELECT failure_code FROM job") == code
    with new_version(empty_database_url) as stores:
        assert endings(stores) == {("provider_error", code): 1}


def test_photos_are_taken_and_ended_while_indexes_are_built(engine: Engine, empty_database_url: str) -> None:
    command.upgrade(alembic_config(empty_database_url), "0006")
    with new_version(empty_database_url) as stores, ThreadPoolExecutor(1) as release:
        with engine.begin() as long:
            long.execute(text("LOCK TABLE job IN ROW EXCLUSIVE MODE"))
            released = release.submit(upgrade, empty_database_url)
            until(lambda: is_waiting(engine, "CREATE INDEX CONCURRENTLY"))
            stores.queue.enqueue(job := new_job())
            fail_jobs(engine, 1)
        released.result()
        assert ask(engine, "SELECT failure_code FROM job WHERE is_finalized") == "no_image"
        assert stores.jobs.get(job.id) is not None


def test_what_an_interrupted_release_left_half_built_is_built_anew(
    engine: Engine, empty_database_url: str, database_url: str
) -> None:
    command.upgrade(alembic_config(empty_database_url), "0006")
    with engine.begin() as connection:
        connection.execute(text("CREATE INDEX ix_job_created_at_new ON job (id)"))
        connection.execute(text("DROP INDEX ix_job_slot_created_at"))
    upgrade(empty_database_url)
    assert dump(empty_database_url) == dump(database_url)


def test_a_deadlock_with_a_photo_is_tried_again(engine: Engine, empty_database_url: str) -> None:
    """The release is what PostgreSQL ends: the other side looks for deadlocks later."""
    with ThreadPoolExecutor(1) as release:
        with engine.begin() as photo:
            photo.execute(text("SET LOCAL deadlock_timeout = '20s'"))
            photo.execute(text("LOCK TABLE slot IN ROW SHARE MODE"))
            released = release.submit(upgrade, empty_database_url)
            until(lambda: is_waiting(engine, "ALTER TABLE slot"))
            photo.execute(text("LOCK TABLE job IN ROW SHARE MODE"))
        released.result()


def is_waiting(engine: Engine, beginning: str) -> bool:
    """Whether a statement of this database that begins so waits for a lock."""
    waiting = text("""
        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                       AND wait_event_type = 'Lock' AND starts_with(ltrim(query, E' \\n'), :beginning))
    """)
    with engine.connect() as connection:
        return bool(connection.scalar(waiting, {"beginning": beginning}))


def test_the_last_two_days_are_counted_by_five_minutes_too(engine: Engine, empty_database_url: str) -> None:
    fail_jobs(engine, 2)
    with engine.begin() as connection:
        connection.execute(text(_LOGGED))
    upgrade(empty_database_url)
    with new_version(empty_database_url) as stores:
        assert endings(stores) == {("provider_error", "no_image"): 2, ("refused", "invalid_password"): 3}
        assert counted(stores, Selection(slot_id="slot-001")).refused == 2
        assert spent(stores).calls == 2


def test_what_was_is_counted_once_however_often_it_is_migrated(engine: Engine, empty_database_url: str) -> None:
    fail_jobs(engine, 2)
    upgrade(empty_database_url)
    command.downgrade(alembic_config(empty_database_url), "0006")
    upgrade(empty_database_url)
    with new_version(empty_database_url) as stores:
        assert counted(stores).provider_error == 2
