"""a purge is fenced by its attempt; refused requests are found without walking every job's story"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("purge_run", sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_index("ix_processing_log_refused", "processing_log", ["at"], postgresql_where=sa.text("job_id IS NULL"))


def downgrade() -> None:
    op.drop_index("ix_processing_log_refused", table_name="processing_log")
    op.drop_column("purge_run", "attempt")
