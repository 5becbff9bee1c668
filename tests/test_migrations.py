"""Alembic is the only creator of schema: what it makes is what app.adapters.db.schema says, down to the last index."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, text

from app.adapters.db.connection import Database
from app.adapters.db.migrate import alembic_config, alone, upgrade
from app.adapters.db.schema import metadata
from app.adapters.db.statistics import PostgresStatistics
from app.adapters.embedded_postgres.places import packaged_bin
from app.domain.errors import DatabaseUnavailable
from app.domain.job import Source
from app.domain.periods import COARSE_STEP, Period, TimeStep
from app.domain.statistics import Dimension, Selection
from app.ports.statistics import Cut


def dump(url: str) -> str:
    """The schema as pg_dump prints it, in an order that does not depend on when a thing was made."""
    program = packaged_bin() / "pg_dump"
    target = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    printed = subprocess.run([program, "-s", "-O", target], capture_output=True, text=True, check=True).stdout
    statements = re.split(r";\n", re.sub(r"^(--.*|\\.*)?\n", "", printed, flags=re.M))
    return "\n".join(sorted(s.strip() for s in statements if "alembic_version" not in s))


def test_alembic_finds_nothing_to_add(database_url: str) -> None:
    command.check(alembic_config(database_url))


def test_the_migrated_schema_is_the_declared_one(database_url: str, empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    metadata.create_all(engine)
    engine.dispose()
    assert dump(database_url) == dump(empty_database_url)


def test_upgrading_twice_changes_nothing(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    before = dump(empty_database_url)
    upgrade(empty_database_url)
    assert dump(empty_database_url) == before


def test_every_migration_can_be_taken_back_and_made_again(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    before = dump(empty_database_url)
    command.downgrade(alembic_config(empty_database_url), "base")
    upgrade(empty_database_url)
    assert dump(empty_database_url) == before


def test_there_is_one_line_of_migrations() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("postgresql://")).get_heads()) == 1


def test_the_fifteen_slots_are_there_and_work_without_a_key(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, provider, is_active FROM slot ORDER BY id")).all()
    engine.dispose()
    assert [row.id for row in rows] == [f"slot-{n:03}" for n in range(1, 16)]
    assert {(row.provider, row.is_active) for row in rows} == {("local", True)}


def test_a_locked_table_delays_a_migration_but_does_not_stop_the_others(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a long transaction a migration gives its place in the queue back instead of blocking every reader."""
    monkeypatch.setattr("app.adapters.db.migrate._TRIES", 1)
    command.upgrade(alembic_config(empty_database_url), "0001")
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE slot IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(DatabaseUnavailable, match="lock timeout"):
            upgrade(empty_database_url)
    engine.dispose()
    upgrade(empty_database_url)


def test_no_migration_leaves_its_patience_with_locks_to_the_next(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '3s'"))
        connection.commit()
        config = alembic_config(empty_database_url)
        config.attributes["connection"] = connection
        for move, target in ((command.upgrade, "head"), (command.downgrade, "base")):
            move(config, target)
            assert connection.scalar(text("SHOW lock_timeout")) == "3s"
            connection.commit()
    engine.dispose()


def test_only_one_migrates_at_a_time(empty_database_url: str) -> None:
    with (
        alone(empty_database_url),
        pytest.raises(DatabaseUnavailable, match="another release"),
        alone(empty_database_url, patience_seconds=0),
    ):
        pytest.fail("two were alone")
    with alone(empty_database_url, patience_seconds=0):
        upgrade(empty_database_url)


def test_databases_of_one_server_do_not_wait_for_each_other(database_url: str, empty_database_url: str) -> None:
    with alone(database_url), alone(empty_database_url, patience_seconds=0):
        pass


@pytest.mark.parametrize("act", [upgrade, lambda url: alone(url).__enter__()])
def test_a_database_that_is_not_there_is_said_to_be_unavailable(act: Callable[[str], object], free_port: int) -> None:
    with pytest.raises(DatabaseUnavailable, match="refused"):
        act(f"postgresql+psycopg2://127.0.0.1:{free_port}/none")


def test_administrators_of_the_first_version_keep_their_accounts(empty_database_url: str) -> None:
    command.upgrade(alembic_config(empty_database_url), "0002")
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO admin_user (username, password_hash) VALUES ('serg', 'hash')"))
    upgrade(empty_database_url)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT username, password_hash, session_epoch FROM admin_user")).one()
    engine.dispose()
    assert tuple(row) == ("serg", "hash", 0)


_BEFORE_COUNTING = """
INSERT INTO job (id, slot_id, source, settings, booth_fields, provider, model, operation, payload_mime_type,
                 payload_size_bytes, payload_sha256, created_at, expires_at, status, is_finalized, finalized_at,
                 failure_reason, failure_detail, result_checksum)
SELECT gen_random_uuid(), 'slot-001', source, '{}', '{}', 'gemini', model, 'fusion', 'image/jpeg', 1, '',
       ended_at - took, ended_at, status, status = 'finalized', CASE status WHEN 'finalized' THEN ended_at END,
       reason, CAST(detail AS jsonb), CASE WHEN status = 'finalized' AND reason IS NULL THEN '' END
FROM (VALUES ('ingest', 'flash', TIMESTAMPTZ '2026-11-20 17:05+00', INTERVAL '7 s', 'finalized', NULL, NULL),
             ('ingest', 'flash', '2026-11-20 17:55+00', '13 s', 'finalized', NULL, NULL),
             ('ingest', '', '2026-11-20 17:55+00', '48 s', 'finalized', 'timeout', NULL),
             ('ingest', '', '2026-11-20 18:00+00', '9 s', 'finalized', 'provider_error',
              '{"code": "provider_error", "fault": "no_image"}'),
             ('test', 'flash', '2026-11-20 18:00+00', '9 s', 'finalized', NULL, NULL),
             ('ingest', '', '2026-11-20 18:01+00', '1 s', 'pending', NULL, NULL))
     AS old (source, model, ended_at, took, status, reason, detail)
"""
_BEFORE_CALLS_WERE_COUNTED = """
INSERT INTO processing_log (job_id, slot_id, at, event, duration_ms, detail)
SELECT id, slot_id, finalized_at, 'attempt', 7000, jsonb_build_object(
           'provider', provider, 'model', model, 'cost_usd', '0.039', 'fault', failure_detail ->> 'fault')
FROM job WHERE is_finalized AND source = 'ingest' AND failure_reason IS DISTINCT FROM 'timeout'
"""


def test_what_ended_before_there_were_counters_is_counted_by_the_hour(empty_database_url: str) -> None:
    command.upgrade(alembic_config(empty_database_url), "0005")
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text(_BEFORE_COUNTING))
        connection.execute(text(_BEFORE_CALLS_WERE_COUNTED))
    engine.dispose()
    upgrade(empty_database_url)

    database = Database(empty_database_url, pool_size=1, application_name="tests")
    evening = Period(datetime(2026, 11, 20, 17, tzinfo=UTC), datetime(2026, 11, 20, 19, tzinfo=UTC))
    cut = Cut(evening, COARSE_STEP, ZoneInfo("UTC"), Selection())
    statistics = PostgresStatistics(database)
    hours, ends = statistics.photos(cut, [(TimeStep.HOUR,), (Dimension.OUTCOME, Dimension.REASON)])
    [calls] = statistics.calls(cut, [(Dimension.MODEL,)])
    [tests] = statistics.photos(replace(cut, selection=Selection(sources=frozenset({Source.TEST}))), [()])
    database.close()

    assert [(key[0], counts.photos) for key, counts in sorted(hours.items())] == [
        (evening.start, 3),
        (evening.start + COARSE_STEP, 1),
    ]
    assert {key: counts.photos for key, counts in ends.items()} == {
        ("success", ""): 2,
        ("timeout", "timeout"): 1,
        ("provider_error", "no_image"): 1,
    }
    durations = ends["success", ""].durations
    assert (durations.number, durations.mean_ms, durations.percentile_ms(0.5)) == (2, 10_000, 7500)
    assert {key[0]: (spent.calls, spent.cost_usd, spent.faults) for key, spent in calls.items()} == {
        "flash": (2, Decimal("0.078"), {}),
        "": (1, Decimal("0.039"), {"no_image": 1}),
    }
    assert tests[()].photos == 1
