"""Make the log append-only and give each event its dense leaf index at COMMIT."""

from django.db import migrations

FORWARD = r"""
INSERT INTO audit_head (id, size) VALUES (1, 0);

-- Rows live here between the two steps of a COMMIT only, so nothing is lost with an unlogged table.
CREATE UNLOGGED TABLE audit_pending (event_id uuid PRIMARY KEY, leaf_hash bytea NOT NULL);

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;

-- What the log's own triggers write is written by nobody else, whatever their privileges.
CREATE FUNCTION audit_guard_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% is written at COMMIT only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- First step at COMMIT: hash (RFC 6962, section 2.1) without a lock. Triggers that an event's trigger queues run
-- after all those queued before COMMIT, so the second step waits for nothing but the head: no foreign-key check,
-- which may wait for a row that another committing transaction holds, comes after the head is locked.
CREATE FUNCTION audit_queue_leaf() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO audit_pending (event_id, leaf_hash)
    VALUES (NEW.id, sha256('\x00'::bytea || convert_to(NEW.body, 'UTF8')));
    RETURN NULL;
END $$;

-- Second step: the head stays locked until the transaction ends, so the order is commit order without gaps.
CREATE FUNCTION audit_assign_leaf() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    place bigint;
BEGIN
    UPDATE audit_head SET size = size + 1 WHERE id = 1 RETURNING size - 1 INTO STRICT place;
    INSERT INTO audit_leaf (leaf_index, event_id, leaf_hash) VALUES (place, NEW.event_id, NEW.leaf_hash);
    DELETE FROM audit_pending WHERE event_id = NEW.event_id;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_guard_head() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR NEW.id <> OLD.id OR NEW.size <> OLD.size + 1 THEN
        RAISE EXCEPTION 'audit_head counts leaves only' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;

-- Else a trigger on somebody's temporary table could run them with the owner's rights.
REVOKE EXECUTE ON FUNCTION audit_queue_leaf(), audit_assign_leaf() FROM PUBLIC;

CREATE CONSTRAINT TRIGGER audit_event_leaf AFTER INSERT ON audit_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_queue_leaf();
CREATE CONSTRAINT TRIGGER audit_pending_leaf AFTER INSERT ON audit_pending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_assign_leaf();

CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_leaf_append_only BEFORE UPDATE OR DELETE ON audit_leaf
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_leaf_no_truncate BEFORE TRUNCATE ON audit_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_leaf_only_at_commit BEFORE INSERT ON audit_leaf
    FOR EACH ROW EXECUTE FUNCTION audit_guard_commit();
CREATE TRIGGER audit_pending_only_at_commit BEFORE INSERT ON audit_pending
    FOR EACH ROW EXECUTE FUNCTION audit_guard_commit();
CREATE TRIGGER audit_head_guard BEFORE UPDATE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_guard_head();
CREATE TRIGGER audit_head_append_only BEFORE DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

BACKWARD = """
DROP TRIGGER audit_head_no_truncate ON audit_head;
DROP TRIGGER audit_head_append_only ON audit_head;
DROP TRIGGER audit_head_guard ON audit_head;
DROP TRIGGER audit_leaf_only_at_commit ON audit_leaf;
DROP TRIGGER audit_leaf_no_truncate ON audit_leaf;
DROP TRIGGER audit_leaf_append_only ON audit_leaf;
DROP TRIGGER audit_event_no_truncate ON audit_event;
DROP TRIGGER audit_event_append_only ON audit_event;
DROP TRIGGER audit_event_leaf ON audit_event;
DROP TABLE audit_pending;
DROP FUNCTION audit_guard_head();
DROP FUNCTION audit_assign_leaf();
DROP FUNCTION audit_queue_leaf();
DROP FUNCTION audit_guard_commit();
DROP FUNCTION audit_refuse_change();
DELETE FROM audit_head;
"""


class Migration(migrations.Migration):
    dependencies = (("audit", "0001_initial"),)

    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
