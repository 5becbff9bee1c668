"""the fifteen slots, each with an effect that needs no key"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EFFECTS = ("watercolour", "pencil", "comic", "film_warm", "film_cool", "vintage", "glow", "black_and_white")


def upgrade() -> None:
    insert = sa.text(
        "INSERT INTO slot (id, name, provider, operation, settings_json, output)"
        " VALUES (:id, :name, 'local', 'image_edit', CAST(:settings AS jsonb), CAST(:output AS jsonb))"
    )
    output = json.dumps({"format": "jpeg", "quality": 90, "max_side": None})
    for number in range(1, 16):
        settings = {"effect": EFFECTS[(number - 1) % len(EFFECTS)], "strength": 80}
        op.execute(
            insert.bindparams(
                id=f"slot-{number:03}", name=f"Слот {number}", settings=json.dumps(settings), output=output
            )
        )
    op.execute(
        "INSERT INTO slot_version (slot_id, version, content, updated_at)"
        " SELECT id, version, jsonb_build_object('name', name, 'provider', provider, 'operation', operation,"
        " 'settings', settings_json, 'fallbacks', fallback, 'output', output, 'is_active', is_active), updated_at"
        " FROM slot"
    )


def downgrade() -> None:
    op.execute("DELETE FROM slot_version")
    op.execute("DELETE FROM slot")
