"""Protect decisions, rounds, signatures, check runs, evidence and policies from edits, and promotions once closed."""

from django.db import migrations

TABLES = (
    "approvals_decision",
    "approvals_round",
    "approvals_signature",
    "approvals_checkrun",
    "approvals_evaluation",
    "approvals_attachedevidence",
    "approvals_policyversion",
    "approvals_promotion_pinned",
)

FUNCTIONS = r"""
CREATE FUNCTION approvals_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION approvals_guard_promotion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'promotions are never deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.closed_at IS NOT NULL AND (to_jsonb(NEW) - 'verify_at') <> (to_jsonb(OLD) - 'verify_at') THEN
        RAISE EXCEPTION 'promotion % is closed and does not change', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Separation of duties holds in the database too: nobody decides on what they asked for.
CREATE FUNCTION approvals_guard_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM approvals_promotion p WHERE p.id = NEW.promotion_id AND p.requested_by_id = NEW.actor_id)
    THEN
        RAISE EXCEPTION 'the requester cannot decide' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER approvals_promotion_guard BEFORE UPDATE OR DELETE ON approvals_promotion
    FOR EACH ROW EXECUTE FUNCTION approvals_guard_promotion();
CREATE TRIGGER approvals_decision_guard BEFORE INSERT ON approvals_decision
    FOR EACH ROW EXECUTE FUNCTION approvals_guard_decision();
"""

TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION approvals_refuse_change();
"""

BACKWARD = (
    "".join(f"DROP TRIGGER {table}_append_only ON {table};" for table in TABLES)
    + """
DROP TRIGGER approvals_decision_guard ON approvals_decision;
DROP TRIGGER approvals_promotion_guard ON approvals_promotion;
DROP FUNCTION approvals_guard_decision();
DROP FUNCTION approvals_guard_promotion();
DROP FUNCTION approvals_refuse_change();
"""
)


class Migration(migrations.Migration):
    dependencies = (("approvals", "0001_initial"),)

    operations = (
        migrations.RunSQL(
            FUNCTIONS + "".join(TRIGGER.format(table=table) for table in TABLES),
            BACKWARD,
        ),
    )
