"""What must hold of an installation's jobs and files after anything that happened to it."""

import hashlib
from pathlib import Path
from typing import Any

from sqlalchemy import Row, create_engine, text
from sqlalchemy.pool import NullPool


class Ledger:
    """Looks at an installation from outside: its database and its media folder."""

    def __init__(self, database_url: str, media: Path) -> None:
        self._engine = create_engine(database_url, poolclass=NullPool)
        self._media = media

    def jobs(self) -> list[Row[Any]]:
        return self.ask("SELECT * FROM job ORDER BY created_at")

    def ask(self, statement: str, **parameters: object) -> list[Row[Any]]:
        with self._engine.begin() as connection:
            result = connection.execute(text(statement), parameters)
            return list(result.all()) if result.returns_rows else []

    def count(self, condition: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM job WHERE {condition}")[0][0])

    def events(self) -> list[str]:
        return [row.event for row in self.ask("SELECT event FROM processing_log ORDER BY id")]

    def results(self) -> list[Path]:
        return sorted(path for path in self._media.glob("results/*") if path.is_file())

    def assert_sound(self) -> None:
        """One end for each job, and a file with the recorded checksum exactly for the successes."""
        ends = self.ask("SELECT count(*) FROM processing_log WHERE event = 'finalized' GROUP BY job_id")
        assert {row[0] for row in ends} <= {1}, "a job ended twice"
        successes = [job for job in self.jobs() if job.is_finalized and job.failure_reason is None]
        for job in successes:
            data = (self._media / job.result_file_path).read_bytes()
            assert hashlib.sha256(data).hexdigest() == job.result_checksum
            assert len(data) == job.result_size_bytes
        assert len(self.results()) == len(successes), "a result file without a job, or the reverse"
        assert self.count("result_inline_base64 IS NOT NULL AND expires_at < now()") == 0
