"""Protect what was said about a promotion from edits."""

from django.db import migrations

TABLES = ("approvals_thread", "approvals_comment")
FORWARD = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = (("approvals", "0004_discussion"),)

    operations = (
        migrations.RunSQL(
            "".join(FORWARD.format(table=table) for table in TABLES),
            "".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in TABLES),
        ),
    )
