"""Let stage assignments only be opened and closed, for sealed versions of the right model."""

from django.db import migrations

FORWARD = r"""
ALTER TABLE models_modelversion ADD CONSTRAINT models_version_of_model UNIQUE (id, registered_model_id);
ALTER TABLE models_stageassignment ADD CONSTRAINT models_stage_version_of_model
    FOREIGN KEY (version_id, registered_model_id) REFERENCES models_modelversion (id, registered_model_id)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE models_alias ADD CONSTRAINT models_alias_version_of_model
    FOREIGN KEY (version_id, registered_model_id) REFERENCES models_modelversion (id, registered_model_id)
    DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION models_guard_stage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT upper_inf(OLD.period) OR upper_inf(NEW.period) OR lower(NEW.period) IS DISTINCT FROM lower(OLD.period)
        OR to_jsonb(NEW) - 'period' <> to_jsonb(OLD) - 'period' THEN
        RAISE EXCEPTION 'a stage assignment can only be closed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION models_guard_stage_opening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM models_modelversion WHERE id = NEW.version_id AND state = 'ready') THEN
        RAISE EXCEPTION 'only a sealed version has a stage' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER models_stage_guard BEFORE UPDATE ON models_stageassignment
    FOR EACH ROW EXECUTE FUNCTION models_guard_stage();
CREATE TRIGGER models_stage_opening BEFORE INSERT ON models_stageassignment
    FOR EACH ROW EXECUTE FUNCTION models_guard_stage_opening();
CREATE TRIGGER models_stage_stays BEFORE DELETE ON models_stageassignment
    FOR EACH ROW EXECUTE FUNCTION models_refuse();
"""

BACKWARD = """
DROP TRIGGER models_stage_stays ON models_stageassignment;
DROP FUNCTION models_guard_stage_opening() CASCADE;
DROP FUNCTION models_guard_stage() CASCADE;
ALTER TABLE models_alias DROP CONSTRAINT models_alias_version_of_model;
ALTER TABLE models_stageassignment DROP CONSTRAINT models_stage_version_of_model;
ALTER TABLE models_modelversion DROP CONSTRAINT models_version_of_model;
"""


class Migration(migrations.Migration):
    dependencies = (("models", "0002_sealed_versions_stay_as_they_are"),)

    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
