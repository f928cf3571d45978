"""Keep the full-text vector of a model beside its words: name before tags before description."""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION models_search_vector() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.search :=
        setweight(to_tsvector('english', NEW.name || ' ' || translate(NEW.name, '._-', '   ')), 'A')
        || setweight(to_tsvector('english', array_to_string(NEW.tags, ' ')), 'B')
        || setweight(to_tsvector('english', NEW.description), 'C');
    RETURN NEW;
END $$;

CREATE TRIGGER models_model_search BEFORE INSERT OR UPDATE OF name, tags, description ON models_registeredmodel
    FOR EACH ROW EXECUTE FUNCTION models_search_vector();
"""

BACKWARD = "DROP FUNCTION models_search_vector() CASCADE;"


class Migration(migrations.Migration):
    dependencies = (("models", "0003_stage_history_only_grows"),)

    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
