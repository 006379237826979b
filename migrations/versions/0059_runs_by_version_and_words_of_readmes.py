"""how runs of each version end, and plugins found by words of their README

Revision ID: 0059
Revises: 0058
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

_RUNS = "marketplace_run_day"


def upgrade() -> None:
    op.rename_table(_RUNS, "marketplace_run_day_before")
    op.create_table(
        _RUNS,
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "version", "day", name="marketplace_run_day_of_version_pkey"),
    )
    op.execute(
        f"INSERT INTO {_RUNS} (plugin, version, day, succeeded, failed)"
        " SELECT plugin, '', day, succeeded, failed FROM marketplace_run_day_before"
    )
    op.drop_table("marketplace_run_day_before")
    # The index is made anew by the next start.
    op.execute("DELETE FROM marketplace_search_term")
    op.execute("DELETE FROM marketplace_facet")


def downgrade() -> None:
    op.rename_table(_RUNS, "marketplace_run_day_after")
    op.create_table(
        _RUNS,
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("plugin", "day", name="marketplace_run_day_of_plugin_pkey"),
    )
    op.execute(
        f"INSERT INTO {_RUNS} (plugin, day, succeeded, failed)"
        " SELECT plugin, day, sum(succeeded), sum(failed) FROM marketplace_run_day_after GROUP BY plugin, day"
    )
    op.drop_table("marketplace_run_day_after")
