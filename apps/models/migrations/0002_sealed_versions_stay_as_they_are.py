"""Let the database refuse what would change a sealed version, its artifacts, blobs, standards or a name's history."""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION models_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% keeps its rows as they are: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Registered content never changes; a pending version only becomes ready or failed, once.
CREATE FUNCTION models_guard_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closing constant text[] := ARRAY['state', 'failure', 'manifest_digest', 'sealed_by_id', 'sealed_at'];
BEGIN
    IF OLD.state <> 'pending' OR to_jsonb(NEW) - closing <> to_jsonb(OLD) - closing THEN
        RAISE EXCEPTION 'version % is immutable', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- The share lock makes a seal at the same moment wait for the artifact, or the artifact for the seal.
CREATE FUNCTION models_guard_artifact() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed models_artifact := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    version_state text;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.id, NEW.version_id, NEW.path) IS DISTINCT FROM (OLD.id, OLD.version_id, OLD.path) THEN
        RAISE EXCEPTION 'an artifact keeps its version and path' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT state INTO version_state FROM models_modelversion WHERE id = changed.version_id FOR SHARE;
    IF version_state <> 'pending' THEN
        RAISE EXCEPTION 'artifacts of version % are immutable', changed.version_id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN changed;
END $$;

CREATE FUNCTION models_guard_blob() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    scanning constant text[] := ARRAY['scan_verdict', 'scan_report', 'scanned_at'];
BEGIN
    IF to_jsonb(NEW) - scanning <> to_jsonb(OLD) - scanning THEN
        RAISE EXCEPTION 'blob % is immutable', OLD.sha256 USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION models_guard_model() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.name, NEW.registered_by_id, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.name, OLD.registered_by_id, OLD.created_at) THEN
        RAISE EXCEPTION 'model % keeps its name and origin', OLD.name
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER models_model_guard BEFORE UPDATE ON models_registeredmodel
    FOR EACH ROW EXECUTE FUNCTION models_guard_model();
CREATE TRIGGER models_model_stays BEFORE DELETE ON models_registeredmodel
    FOR EACH ROW EXECUTE FUNCTION models_refuse();
CREATE TRIGGER models_version_guard BEFORE UPDATE ON models_modelversion
    FOR EACH ROW EXECUTE FUNCTION models_guard_version();
CREATE TRIGGER models_version_stays BEFORE DELETE ON models_modelversion
    FOR EACH ROW EXECUTE FUNCTION models_refuse();
CREATE TRIGGER models_artifact_guard BEFORE INSERT OR UPDATE OR DELETE ON models_artifact
    FOR EACH ROW EXECUTE FUNCTION models_guard_artifact();
CREATE TRIGGER models_blob_guard BEFORE UPDATE ON models_blob
    FOR EACH ROW EXECUTE FUNCTION models_guard_blob();
CREATE TRIGGER models_blob_stays BEFORE DELETE ON models_blob
    FOR EACH ROW EXECUTE FUNCTION models_refuse();
CREATE TRIGGER models_standard_stays BEFORE UPDATE OR DELETE ON models_metadatastandard
    FOR EACH ROW EXECUTE FUNCTION models_refuse();
"""

TABLES = ("registeredmodel", "modelversion", "artifact", "blob", "metadatastandard", "stageassignment")
NO_TRUNCATE = "\n".join(
    f"CREATE TRIGGER models_{table}_no_truncate BEFORE TRUNCATE ON models_{table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION models_refuse();"
    for table in TABLES
)

BACKWARD = """
DROP FUNCTION models_guard_model() CASCADE;
DROP FUNCTION models_guard_blob() CASCADE;
DROP FUNCTION models_guard_artifact() CASCADE;
DROP FUNCTION models_guard_version() CASCADE;
DROP FUNCTION models_refuse() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = (("models", "0001_initial"),)

    operations = (migrations.RunSQL(FORWARD + NO_TRUNCATE, BACKWARD),)
