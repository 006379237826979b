"""the audit log only grows: no record is removed or changed, but for its place in the chain, which it gets once

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_CONTENT = (
    "id", "at", "actor_kind", "actor", "on_behalf_of", "action", "resource_kind", "resource_id", "project_id", "task_id",
    "before", "after", "request_id", "ip",
)  # fmt: skip
_TOLD = "the audit log only grows"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        changed = " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in _CONTENT)
        op.execute(
            f"""
            CREATE FUNCTION kernel_audit_record_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' AND OLD.hash IS NULL AND NOT ({changed}) THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION '{_TOLD}';
            END $$
            """
        )
        op.execute(
            "CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON kernel_audit_record"
            " FOR EACH ROW EXECUTE FUNCTION kernel_audit_record_only_grows()"
        )
        op.execute(
            "CREATE TRIGGER only_grows_whole BEFORE TRUNCATE ON kernel_audit_record"
            " FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_record_only_grows()"
        )
        return
    changed = " OR ".join(f'NEW."{name}" IS NOT OLD."{name}"' for name in _CONTENT)
    op.execute(
        "CREATE TRIGGER kernel_audit_record_only_grows_update BEFORE UPDATE ON kernel_audit_record"
        f" WHEN OLD.hash IS NOT NULL OR {changed} BEGIN SELECT RAISE(ABORT, '{_TOLD}'); END"
    )
    op.execute(
        "CREATE TRIGGER kernel_audit_record_only_grows_delete BEFORE DELETE ON kernel_audit_record"
        f" BEGIN SELECT RAISE(ABORT, '{_TOLD}'); END"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER only_grows_whole ON kernel_audit_record")
        op.execute("DROP TRIGGER only_grows ON kernel_audit_record")
        op.execute("DROP FUNCTION kernel_audit_record_only_grows()")
        return
    op.execute("DROP TRIGGER kernel_audit_record_only_grows_update")
    op.execute("DROP TRIGGER kernel_audit_record_only_grows_delete")
