"""As many finished photos as a test wants, quickly: rows of the database, and one file under all their names."""

import os
from pathlib import Path
from uuid import UUID

from tests.support.ledger import Ledger

# A second apart, the oldest first; the newest was a moment ago.
_PHOTOS = """
INSERT INTO job (id, slot_id, source, status, is_finalized, settings, booth_fields, booth, payload_mime_type,
    payload_size_bytes, payload_sha256, attempt, result_file_path, result_mime_type, result_size_bytes, result_checksum,
    result_width, result_height, result_expires_at, created_at, started_at, finalized_at, expires_at, provider, model,
    operation)
SELECT id, 'slot-001', 'ingest', 'finalized', true, '{"steps": [], "output": {}}', '{}', 'PC', 'image/jpeg', 1000,
    repeat('0', 64), 1, 'results/' || id || '.jpg', 'image/jpeg', :size, repeat('f', 64), 2048, 1365,
    now() + interval '24 hours', at, at, at, at + interval '48 seconds', 'local', '', 'image_edit'
FROM (
    SELECT gen_random_uuid() AS id, now() - interval '1 second' * (:count - n + 1) AS at
    FROM generate_series(1, :count) AS n
) AS made
RETURNING id, finalized_at
"""


def many_photos(ledger: Ledger, media: Path, count: int, size_bytes: int) -> list[UUID]:
    """`count` photos of `size_bytes` random bytes each, on disk as one; their ids, oldest first."""
    rows = ledger.ask(_PHOTOS, count=count, size=size_bytes)
    ids = [row.id for row in sorted(rows, key=lambda row: row.finalized_at)]
    results = media / "results"
    results.mkdir(parents=True, exist_ok=True)
    first = results / f"{ids[0]}.jpg"
    first.write_bytes(os.urandom(size_bytes))
    for photo_id in ids[1:]:
        os.link(first, results / f"{photo_id}.jpg")
    return ids
