"""Keep every account: never deleted, never renamed, a person stays a person, and only people own programs."""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION accounts_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'accounts are deactivated, never deleted' USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION accounts_guard_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.username <> OLD.username OR NEW.pseudonym <> OLD.pseudonym) THEN
        RAISE EXCEPTION 'user names and pseudonyms are never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.owner_id IS NULL) <> (OLD.owner_id IS NULL) THEN
        RAISE EXCEPTION 'a person stays a person, a service account a service account'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.owner_id IS NOT NULL
       AND EXISTS (SELECT 1 FROM accounts_user WHERE id = NEW.owner_id AND owner_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a service account is owned by a person' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER accounts_user_never_deleted BEFORE DELETE ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION accounts_refuse_delete();
CREATE TRIGGER accounts_user_identity BEFORE INSERT OR UPDATE OF username, pseudonym, owner_id ON accounts_user
    FOR EACH ROW EXECUTE FUNCTION accounts_guard_identity();
"""

BACKWARD = """
DROP TRIGGER accounts_user_identity ON accounts_user;
DROP TRIGGER accounts_user_never_deleted ON accounts_user;
DROP FUNCTION accounts_guard_identity();
DROP FUNCTION accounts_refuse_delete();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_instance_roles_as_groups")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
