"""What a model's row in the catalogue says, as SQL over the tables it is derived from."""

from __future__ import annotations

from typing import Any

from apps.accounts.roles import Permission
from apps.models.metrics import HEADLINES
from apps.models.querylanguage import MARKS
from apps.models.states import Stage, VersionState

LATEST = 12
# Longer metadata are found by their beginning.
MOST_METADATA = 20_000
PARAMETERS: dict[str, Any] = {
    "marks": MARKS,
    "headlines": list(HEADLINES),
    "latest": LATEST,
    "longest": MOST_METADATA,
    "production": Stage.PRODUCTION.value,
    "ready": VersionState.READY.value,
    "manage": Permission.MANAGE.value,
}
LOCK = """
SELECT FROM models_catalogueentry WHERE registered_model_id = ANY(%(models)s) ORDER BY registered_model_id FOR UPDATE
"""
ENTRIES = """
INSERT INTO models_catalogueentry (registered_model_id, name, team_id, risk_tier, visibility, tags, stages, version_id,
    production_version, production_since, task, framework, formats, headline, course, active_at, words)
SELECT model.id, model.name, model.team_id, model.risk_tier, model.visibility,
    ARRAY(SELECT lower(tag) FROM unnest(model.tags) AS tag),
    ARRAY(SELECT DISTINCT stage FROM models_stageassignment
        WHERE registered_model_id = model.id AND upper_inf(period) ORDER BY stage),
    counted.id, coalesce(live.version, ''), live.since,
    CASE jsonb_typeof(counted.metadata -> 'task') WHEN 'string' THEN left(counted.metadata ->> 'task', 100) ELSE '' END,
    CASE jsonb_typeof(counted.metadata -> 'framework')
        WHEN 'string' THEN left(counted.metadata ->> 'framework', 100) ELSE '' END,
    ARRAY(SELECT DISTINCT blob.format FROM models_artifact AS artifact JOIN models_blob AS blob
        ON blob.sha256 = artifact.blob_id WHERE artifact.version_id = counted.id AND blob.format <> '' ORDER BY 1),
    coalesce(headline.name, ''),
    ARRAY(SELECT value FROM (
        SELECT (metrics ->> headline.name)::float8 AS value, precedence, number FROM models_modelversion
        WHERE registered_model_id = model.id AND state = %(ready)s AND metrics ? headline.name
            AND (precedence, number) <= (counted.precedence, counted.number)
        ORDER BY precedence DESC, number DESC LIMIT %(latest)s
    ) AS latest ORDER BY precedence, number),
    greatest(model.changed_at, (SELECT max(lower(period)) FROM models_stageassignment
        WHERE registered_model_id = model.id)),
    setweight(to_tsvector('simple', said.name) || to_tsvector('english', said.name), 'A')
        || setweight(to_tsvector('simple', said.tags) || to_tsvector('english', said.tags), 'B')
        || setweight(to_tsvector('simple', said.about) || to_tsvector('english', said.about), 'C')
        || setweight(to_tsvector('simple', said.metadata) || to_tsvector('english', said.metadata), 'D')
FROM models_registeredmodel AS model
JOIN accounts_team AS team ON team.id = model.team_id
LEFT JOIN LATERAL (
    SELECT version.id, version.version, lower(held.period) AS since
    FROM models_stageassignment AS held JOIN models_modelversion AS version ON version.id = held.version_id
    WHERE held.registered_model_id = model.id AND held.stage = %(production)s AND upper_inf(held.period)
) AS live ON true
LEFT JOIN LATERAL (
    SELECT id, metadata, metrics, precedence, number FROM models_modelversion
    WHERE registered_model_id = model.id AND state = %(ready)s
    ORDER BY id = live.id DESC NULLS LAST, precedence DESC, number DESC LIMIT 1
) AS counted ON true
LEFT JOIN LATERAL (
    SELECT name FROM jsonb_object_keys(counted.metrics) AS name
    ORDER BY array_position(%(headlines)s::text[], name), name LIMIT 1
) AS headline ON true
LEFT JOIN LATERAL (
    SELECT string_agg(person.name || ' ' || person.username, ' ') AS names FROM accounts_user AS person
    WHERE person.is_active AND person.owner_id IS NULL AND person.id IN (
        SELECT held.user_id FROM accounts_teamuserobjectpermission AS held
        JOIN auth_permission AS permission ON permission.id = held.permission_id
        WHERE held.content_object_id = model.team_id AND permission.codename = %(manage)s
        UNION ALL
        SELECT held.user_id FROM models_registeredmodeluserobjectpermission AS held
        JOIN auth_permission AS permission ON permission.id = held.permission_id
        WHERE held.content_object_id = model.id AND permission.codename = %(manage)s
    )
) AS owners ON true
LEFT JOIN LATERAL (
    SELECT left(concat_ws(' ',
        (SELECT string_agg(word #>> '{}', ' ') FROM jsonb_path_query(counted.metadata, 'strict $.**') AS word
         WHERE jsonb_typeof(word) IN ('string', 'number')),
        (SELECT string_agg(name, ' ') FROM jsonb_object_keys(counted.metrics) AS name)), %(longest)s) AS words
) AS metadata ON true
CROSS JOIN LATERAL (
    SELECT translate(model.name, %(marks)s, spaces) AS name,
        translate(array_to_string(model.tags, ' '), %(marks)s, spaces) AS tags,
        translate(concat_ws(' ', model.description, team.slug, team.name, owners.names), %(marks)s, spaces) AS about,
        translate(metadata.words, %(marks)s, spaces) AS metadata
    FROM repeat(' ', length(%(marks)s)) AS spaces
) AS said
WHERE model.id = ANY(%(models)s)
ON CONFLICT (registered_model_id) DO UPDATE SET
    (name, team_id, risk_tier, visibility, tags, stages, version_id, production_version, production_since, task,
        framework, formats, headline, course, active_at, words)
    = ROW(excluded.name, excluded.team_id, excluded.risk_tier, excluded.visibility, excluded.tags, excluded.stages,
        excluded.version_id, excluded.production_version, excluded.production_since, excluded.task, excluded.framework,
        excluded.formats, excluded.headline, excluded.course, excluded.active_at, excluded.words)
"""
OLD_METRICS = "DELETE FROM models_cataloguemetric WHERE entry_id = ANY(%(models)s)"
METRICS = """
INSERT INTO models_cataloguemetric (entry_id, key, name, value)
SELECT DISTINCT ON (entry.registered_model_id, lower(metric.key))
    entry.registered_model_id, lower(metric.key), metric.key, (metric.value #>> '{}')::float8
FROM models_catalogueentry AS entry JOIN models_modelversion AS version ON version.id = entry.version_id
CROSS JOIN LATERAL jsonb_each(version.metrics) AS metric
WHERE entry.registered_model_id = ANY(%(models)s) AND jsonb_typeof(metric.value) = 'number'
ORDER BY entry.registered_model_id, lower(metric.key), metric.key
"""
# The lock comes in a statement of its own, so that those after it see what another act on the same model committed.
STATEMENTS = (LOCK, ENTRIES, OLD_METRICS, METRICS)
