"""Attempts are history: neither changed nor deleted."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION notifications_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER notifications_attempt_append_only BEFORE UPDATE OR DELETE ON notifications_attempt
    FOR EACH ROW EXECUTE FUNCTION notifications_refuse_change();
"""
BACKWARD = """
DROP TRIGGER notifications_attempt_append_only ON notifications_attempt;
DROP FUNCTION notifications_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = (("notifications", "0001_initial"),)

    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
