"""the form.js of plugins

Revision ID: 0040
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marketplace_form_script",
        sa.Column("version_id", sa.String(length=32), sa.ForeignKey("marketplace_plugin_version.id"), primary_key=True),
        sa.Column("code", sa.String(length=128), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("marketplace_form_script")
