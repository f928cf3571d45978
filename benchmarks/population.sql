-- What population.py runs, step by step; $models, $versions, $teams, $people, $events and $password are filled in.

-- step: shape
CREATE TEMPORARY TABLE words ON COMMIT DROP AS SELECT
    ARRAY['card','loan','claim','invoice','parcel','patient','meter','basket','ticket','engine','branch','voice',
          'scan','route','crop','tenant','sensor','review','visa','panel'] AS subjects,
    ARRAY['fraud','churn','triage','demand','delay','risk','quality','price','intent','wear','ranking','spam'] AS aims,
    ARRAY['binary classification','regression','multiclass classification','ranking','forecasting','detection'] AS tasks,
    ARRAY['scikit-learn','pytorch','xgboost','tensorflow','onnxruntime'] AS frameworks,
    ARRAY['onnx','safetensors','joblib','gguf'] AS formats,
    ARRAY['vision','tabular','text','fraud','credit','nightly','edge','health','pricing','eu'] AS tags;

CREATE TEMPORARY TABLE team_of ON COMMIT DROP AS
SELECT t, (SELECT coalesce(max(id), 0) FROM accounts_team) + t AS id,
    (SELECT coalesce(max(id), 0) FROM accounts_user) + (t - 1) * $people AS people
FROM generate_series(1, $teams) AS t;

CREATE TEMPORARY TABLE model_of ON COMMIT DROP AS
SELECT n, team.t, team.id AS team_id, team.people + 2 AS contributor, team.people + 6 AS bot,
    w.subjects[1 + n % 20] || '-' || w.aims[1 + (n / 20) % 12] || '-' || lpad(n::text, 5, '0') AS name,
    (ARRAY['low','low','medium','high'])[1 + (n / 7) % 4] AS tier,
    CASE WHEN n % 3 = 0 THEN 'organisation' ELSE 'team' END AS visibility,
    w.tasks[1 + n % 6] AS task, w.frameworks[1 + (n / 3) % 5] AS framework, w.formats[1 + (n / 5) % 4] AS format,
    n % 10 < 7 AS serves,
    now() - make_interval(days => 30 * $versions + n % 30, secs => n) AS began
FROM generate_series(1, $models) AS n
JOIN team_of AS team ON team.t = 1 + (n - 1) % $teams CROSS JOIN words AS w;

CREATE TEMPORARY TABLE version_of ON COMMIT DROP AS
SELECT (m.n - 1) * $versions + k AS id, k, m.*, k || '.' || m.n % 4 || '.0' AS version,
    m.began + make_interval(days => 30 * (k - 1)) AS sealed,
    0.7 + ((m.n * 7 + k * 13) % 290) / 1000.0 AS score,
    md5('manifest' || m.n || '.' || k) || md5('of' || m.n || '.' || k) AS manifest
FROM model_of AS m CROSS JOIN generate_series(1, $versions) AS k;
CREATE UNIQUE INDEX ON version_of (id);
ANALYZE model_of;
ANALYZE version_of;

-- step: people and teams
INSERT INTO accounts_team (id, slug, name, description, created_at)
SELECT id, 'team-' || t, 'Team ' || t, '', now() - interval '400 days' FROM team_of;

INSERT INTO accounts_user (id, password, is_superuser, username, email, is_staff, is_active, date_joined, name, pseudonym,
    is_demo, owner_id)
SELECT team.people + kind.place, CASE WHEN kind.name = 'bot' THEN '!none' ELSE '$password' END, false,
    kind.name || '-' || team.t, CASE WHEN kind.name = 'bot' THEN '' ELSE kind.name || '-' || team.t || '@example.org' END,
    false, true, now() - interval '400 days', initcap(kind.name) || ' of Team ' || team.t,
    md5('user' || kind.name || team.t)::uuid, false, CASE WHEN kind.name = 'bot' THEN team.people + 1 END
FROM team_of AS team
CROSS JOIN unnest(ARRAY['owner','contributor','coder','reviewer','second','bot']) WITH ORDINALITY AS kind (name, place);

INSERT INTO accounts_user (id, password, is_superuser, username, email, is_staff, is_active, date_joined, name, pseudonym,
    is_demo)
SELECT (SELECT max(id) FROM accounts_user) + row_number() OVER (), '$password', false, name, name || '@example.org',
    true, true, now() - interval '400 days', initcap(name), md5('user' || name)::uuid, false
FROM unnest(ARRAY['compliance','auditor']) AS name;

INSERT INTO accounts_user_groups (user_id, group_id)
SELECT person.id, role.id FROM accounts_user AS person JOIN auth_group AS role
    ON (person.username, role.name) IN (('compliance', 'compliance_officer'), ('auditor', 'auditor'));

INSERT INTO accounts_teamuserobjectpermission (content_object_id, permission_id, user_id)
SELECT team.id, permission.id, team.people + given.place
FROM team_of AS team
CROSS JOIN (VALUES
    (1, ARRAY['view_models','register_versions','request_promotions','manage_models']),
    (2, ARRAY['view_models','register_versions','request_promotions']),
    (3, ARRAY['view_models','register_versions','request_promotions']),
    (4, ARRAY['view_models','review_promotions']), (5, ARRAY['view_models','review_promotions']),
    (6, ARRAY['view_models','register_versions','request_promotions'])) AS given (place, codes)
JOIN auth_permission AS permission ON permission.codename = ANY (given.codes)
JOIN django_content_type AS kind
    ON kind.id = permission.content_type_id AND (kind.app_label, kind.model) = ('accounts', 'team');

-- step: models
INSERT INTO models_registeredmodel (id, name, team_id, risk_tier, visibility, description, card, tags,
    registered_by_id, created_at, changed_at)
SELECT m.n, m.name, m.team_id, m.tier, m.visibility,
    'Estimates the ' || split_part(m.name, '-', 2) || ' of each ' || split_part(m.name, '-', 1) || ' for '
        || m.task || ', from the records of the last ' || 3 + m.n % 20 || ' months.',
    E'## Purpose\n\nSupports a clerk.\n\n## Limits\n\nNot tested outside of region ' || m.n % 17 || '.',
    ARRAY[w.tags[1 + m.n % 10], w.tags[1 + (m.n + 3) % 10]], m.contributor, m.began, m.began + interval '1 day'
FROM model_of AS m CROSS JOIN words AS w;

-- step: versions
INSERT INTO models_modelversion (id, registered_model_id, number, version, precedence, state, failure, description, card,
    metrics, parameters, metadata, lineage, manifest_digest, registered_by_id, created_at, sealed_by_id, sealed_at)
SELECT v.id, v.n, v.k, v.version,
    lpad(v.k::text, 12, '0') || '.' || lpad((v.n % 4)::text, 12, '0') || '.' || repeat('0', 12) || '~', 'ready', '',
    'Trained on the data of month ' || v.k || '.', '## Data' || E'\n\nMonth ' || v.k || '.',
    CASE WHEN v.task IN ('regression', 'forecasting')
        THEN jsonb_build_object('rmse', round(5 * (1 - v.score), 4), 'mae', round(4 * (1 - v.score), 4), 'r2', v.score)
        ELSE jsonb_build_object('auc', v.score, 'recall', round(v.score * 0.9, 4), 'precision', round(v.score * 0.95, 4),
            'f1', round(v.score * 0.92, 4), 'latency_ms', 5 + v.n % 40) END,
    jsonb_build_object('depth', 3 + v.n % 9, 'learning_rate', 0.01 * (1 + v.k % 9), 'seed', v.n % 100,
        'features', 10 + v.n % 90),
    jsonb_build_object('task', v.task, 'framework', v.framework, 'framework_version', '1.' || v.k,
        'change', 'Month ' || v.k || ' added.', 'intended_use', 'Supports a clerk of ' || split_part(v.name, '-', 1)
        || ' cases; never decides alone.', 'limitations', 'Not tested outside of region ' || v.n % 17 || '.'),
    jsonb_build_object('datasets', jsonb_build_array(jsonb_build_object('namespace', 'lake',
            'name', 'records-' || v.n / 5, 'version', 'month-' || v.k)),
        'code', jsonb_build_object('repository', 'models', 'commit', md5('commit' || v.n || v.k)),
        'run', NULL, 'parents', '[]'::jsonb),
    v.manifest, v.bot, v.sealed - interval '10 minutes', v.bot, v.sealed
FROM version_of AS v;

INSERT INTO models_alias (registered_model_id, name, version_id, set_by_id, set_at)
SELECT n, 'champion', id, contributor, sealed FROM version_of WHERE k = $versions - 1;

-- step: artifacts
INSERT INTO models_blob (sha256, size, format, facts, scan_verdict, scan_report, created_at)
SELECT md5(file.kind || v.id) || md5(v.id || file.kind), file.size * (1 + v.n % 9), file.format, '{}', 'clean', '{}', v.sealed
FROM version_of AS v
CROSS JOIN LATERAL (VALUES ('weights', v.format, 300000), ('report', 'json', 700)) AS file (kind, format, size);

INSERT INTO models_artifact (version_id, path, blob_id, uploaded_by_id, uploaded_at)
SELECT v.id, file.path, md5(file.kind || v.id) || md5(v.id || file.kind), v.bot, v.sealed - interval '5 minutes'
FROM version_of AS v
CROSS JOIN LATERAL (VALUES ('weights', 'model.' || v.format), ('report', 'evaluation.json')) AS file (kind, path);

-- step: requests
CREATE TEMPORARY TABLE promotion_of ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY v.sealed, v.id) AS p, v.*,
    CASE WHEN v.k < $versions THEN 'executed' ELSE (ARRAY['open','rejected','expired','open'])[1 + v.n / 20 % 4] END AS state,
    CASE WHEN v.k < $versions THEN v.sealed + interval '1 day'
        ELSE now() - make_interval(hours => 1 + v.n % 90) END AS asked
-- Of the newest versions 500 at most, so that the lists of a small portal are as full as those of a large one.
FROM version_of AS v WHERE v.serves AND (v.k < $versions OR (v.n - 1) % greatest(1, $models / 500) = 0);
CREATE INDEX ON promotion_of (id);
ANALYZE promotion_of;

-- step: promotions
INSERT INTO approvals_promotion (id, registered_model_id, version_id, source_stage, target_stage, kind, requested_by_id,
    reason, state, state_reason, standing, round_number, replaces_id, created_at, expires_at, approved_at, closed_at)
SELECT p, n, id, 'experimental', 'production', 'promotion', contributor, 'Better on month ' || k || '.', state,
    CASE state WHEN 'open' THEN '0 of 2 approvals. Waiting for reviewers.' WHEN 'executed' THEN 'Executed.'
        WHEN 'rejected' THEN 'Rejected.' ELSE 'Its time ran out.' END,
    jsonb_build_object('state', state, 'sentence', '', 'round', 1, 'evidence_digest', digest, 'automatic', true,
        'blockers', '[]'::jsonb,
        'rules', jsonb_build_array(jsonb_build_object('name', 'reviewers', 'group', 'reviewer', 'group_words', 'reviewers',
            'needed', 2, 'explanation', '2 approvals from reviewers',
            'filled_by', CASE WHEN state = 'executed' THEN people ELSE '[]'::jsonb END,
            'could', CASE WHEN state = 'executed' THEN '[]'::jsonb ELSE people END,
            'status', CASE WHEN state = 'executed' THEN 'satisfied' ELSE 'unsatisfied' END)),
        'checks', jsonb_build_array(jsonb_build_object('name', 'artifacts', 'kind', 'artifacts', 'status', 'passed',
            'summary', '2 files verified', 'url', '', 'reporter', '', 'details', '{}'::jsonb))),
    1, CASE WHEN k > 1 AND serves THEN id - 1 END, asked, asked + interval '14 days',
    CASE WHEN state = 'executed' THEN asked + interval '6 hours' END,
    CASE WHEN state <> 'open' THEN asked + interval '6 hours' END
FROM promotion_of JOIN evidence_of USING (p) CROSS JOIN LATERAL (SELECT jsonb_build_array(
    jsonb_build_object('id', bot - 2, 'username', 'reviewer-' || t, 'name', 'Reviewer of Team ' || t),
    jsonb_build_object('id', bot - 1, 'username', 'second-' || t, 'name', 'Second of Team ' || t)) AS people) AS named;

INSERT INTO approvals_promotion_pinned (promotion_id, policyversion_id)
SELECT p.p, held.id FROM promotion_of AS p JOIN approvals_policy AS policy
    ON policy.stage = 'production' AND policy.risk_tier IN ('', p.tier) AND policy.team_id IS NULL
JOIN approvals_policyversion AS held ON held.policy_id = policy.id;

INSERT INTO approvals_round (id, promotion_id, number, evidence, evidence_digest, changed, opened_at)
SELECT p, p, 1, text, digest, '[]', asked FROM promotion_of JOIN evidence_of USING (p);

INSERT INTO approvals_checkrun (promotion_id, name, kind, status, summary, url, details, evidence_digest, created_at)
SELECT p, 'artifacts', 'artifacts', 'passed', '2 files verified', '', jsonb_build_object('manifest', manifest), digest, asked
FROM promotion_of JOIN evidence_of USING (p);

INSERT INTO approvals_signature (id, signer_id, printed_name, meaning, method, subject_digest, authenticated_at, signed_at)
SELECT 2 * p + who, bot - 2 + who, CASE who WHEN 0 THEN 'Reviewer of Team ' ELSE 'Second of Team ' END || t,
    'Reviewed and approved for production', 'password', digest, asked, asked + make_interval(hours => 1 + who)
FROM promotion_of JOIN evidence_of USING (p) CROSS JOIN generate_series(0, 1) AS who WHERE state = 'executed';

INSERT INTO approvals_decision (promotion_id, round_id, actor_id, sequence, verdict, comment, groups, conditions,
    evidence_digest, signature_id, created_at)
SELECT p, p, bot - 2 + who, 1, 'approve', 'Compared with the version before.', '["reviewer"]', '[]', digest, 2 * p + who,
    asked + make_interval(hours => 1 + who)
FROM promotion_of JOIN evidence_of USING (p) CROSS JOIN generate_series(0, 1) AS who WHERE state = 'executed';

-- step: stages
INSERT INTO models_stageassignment (registered_model_id, version_id, stage, period, promotion_id)
SELECT v.n, v.id, span.stage, tstzrange(span.since, span.until), span.promotion
FROM version_of AS v LEFT JOIN promotion_of AS p ON p.id = v.id AND p.state = 'executed'
CROSS JOIN LATERAL (VALUES
    ('experimental', v.sealed, CASE WHEN v.k < $versions THEN v.sealed + interval '30 hours' END, NULL::bigint, true),
    ('production', v.sealed + interval '30 hours',
        CASE WHEN v.k < $versions - 1 THEN v.sealed + interval '30 days 30 hours' END, p.p, v.k < $versions AND v.serves),
    ('archived', v.sealed + interval '30 days 30 hours', NULL, p.p, v.k < $versions - 1 AND v.serves),
    ('staging', v.sealed + interval '30 hours', NULL, NULL, v.k < $versions AND NOT v.serves)
) AS span (stage, since, until, promotion, holds) WHERE span.holds;

-- step: lineage
INSERT INTO lineage_node (id, kind, key, label, facts, version_id, created_at)
SELECT id, 'model_version', encode(sha256(convert_to('{"version":' || id || '}', 'UTF8')), 'hex'), name || ' ' || version,
    '{}', id, sealed FROM version_of;

INSERT INTO lineage_node (id, kind, key, label, facts, created_at)
SELECT $models * $versions + row_number() OVER (ORDER BY name, version), 'dataset',
    encode(sha256(convert_to('{"name":"' || name || '","namespace":"lake","version":"' || version || '"}', 'UTF8')), 'hex'),
    'lake/' || name || '@' || version,
    jsonb_build_object('name', name, 'namespace', 'lake', 'version', version), now() - interval '400 days'
FROM (SELECT DISTINCT 'records-' || n / 5 AS name, 'month-' || k AS version FROM version_of) AS used;

INSERT INTO lineage_edge (source_id, target_id, kind, facts, created_at)
SELECT data.id, v.id, 'trained_on', '{}', v.sealed
FROM version_of AS v JOIN lineage_node AS data
    ON data.kind = 'dataset' AND data.label = 'lake/records-' || v.n / 5 || '@month-' || v.k;

INSERT INTO lineage_edge (source_id, target_id, kind, facts, created_at)
SELECT id - 1, id, 'derived_from', '{}', sealed FROM version_of WHERE k > 1;

-- step: acts
CREATE TEMPORARY TABLE act_of ON COMMIT DROP AS
SELECT acts.* FROM (
    SELECT m.began AS at, 'models.model.registered' AS type, 'contributor' AS who, m.t, m.team_id, m.n, m.visibility,
        'model' AS subject_type, m.n AS subject_id, m.name AS label,
        jsonb_build_object('name', m.name, 'risk_tier', m.tier, 'team', 'team-' || m.t) AS data
    FROM model_of AS m
    UNION ALL
    SELECT v.sealed - interval '10 minutes' * (act = 'registered')::int, 'models.version.' || act, 'bot', v.t, v.team_id, v.n,
        v.visibility, 'version', v.id, v.name || ' ' || v.version,
        jsonb_build_object('model', v.name, 'number', v.k, 'version', v.version)
    FROM version_of AS v CROSS JOIN unnest(ARRAY['registered','sealed']) AS act
    UNION ALL
    SELECT CASE act WHEN 'submitted' THEN p.asked ELSE p.asked + interval '6 hours' END, 'approvals.promotion.' || act,
        CASE act WHEN 'submitted' THEN 'contributor' ELSE 'second' END, p.t, p.team_id, p.n, p.visibility, 'promotion', p.p,
        p.name || ' ' || p.version || ' to production',
        jsonb_build_object('model', p.name, 'promotion', p.p, 'target_stage', 'production', 'version', p.version)
    FROM promotion_of AS p CROSS JOIN unnest(ARRAY['submitted','executed']) AS act
    WHERE act = 'submitted' OR p.state = 'executed'
) AS acts;

INSERT INTO act_of
SELECT v.sealed - interval '5 minutes', 'models.artifact.uploaded', 'bot', v.t, v.team_id,
    v.n, v.visibility, 'version', v.id, v.name || ' ' || v.version,
    jsonb_build_object('model', v.name, 'path', 'part-' || i / ($models * $versions), 'version', v.version)
FROM generate_series(1, $events - (SELECT count(*) FROM act_of)::int) AS i
JOIN version_of AS v ON v.id = 1 + i % ($models * $versions);

CREATE TEMPORARY TABLE event_of ON COMMIT DROP AS
SELECT act.place, (lpad(to_hex((extract(epoch FROM act.at) * 1000)::bigint), 12, '0') || '7' || substr(md5(act.place::text), 1, 3)
        || '8' || substr(md5(act.place::text), 4, 15))::uuid AS id,
    act.type, act.at, 'urn:portal:user:' || md5('user' || act.who || act.t)::uuid AS actor, act.who, act.t, act.subject_type,
    act.subject_id::text AS subject_id, act.label, act.data,
    ARRAY['team:' || act.team_id, 'model:' || act.n]
        || CASE WHEN act.visibility = 'organisation' THEN ARRAY['organisation'] ELSE ARRAY[]::text[] END AS scopes
FROM (
    SELECT row_number() OVER (ORDER BY at, type, subject_id, data ->> 'path') - 1 + (SELECT size FROM audit_head) AS place,
        act_of.*
    FROM act_of
) AS act;

-- step: events
INSERT INTO audit_event (id, body, type, at, actor, subject_type, subject_id, scopes)
SELECT id, '{"actor":"' || actor || '","at":"' || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || '","auth":{},"data":' || replace(replace(data::text, '": ', '":'), ', "', ',"') || ',"id":"' || id
        || '","personal":null,"request":"","scopes":["' || array_to_string(scopes, '","') || '"],"subject":{"id":"'
        || subject_id || '","label":"' || label || '","type":"' || subject_type || '"},"type":"' || type || '","v":1}',
    type, at, actor, subject_type, subject_id, scopes
FROM event_of ORDER BY place;

INSERT INTO audit_leaf (leaf_index, event_id, leaf_hash)
SELECT act.place, act.id, sha256('\x00'::bytea || convert_to(event.body, 'UTF8'))
FROM event_of AS act JOIN audit_event AS event USING (id) ORDER BY act.place;

UPDATE audit_head SET size = (SELECT count(*) FROM audit_leaf);

INSERT INTO audit_outboxentry (event_id, audience, next_at, attempts, error, dispatched_at)
SELECT id, '[]', at, 0, '', at FROM event_of;

INSERT INTO notifications_notice (user_id, event_id, kind, created_at, read_at)
SELECT person.id, act.id, CASE WHEN starts_with(person.username, 'contributor') THEN 'requests' ELSE 'waiting' END, act.at, CASE WHEN act.at < now() - interval '10 days' THEN act.at END
FROM event_of AS act JOIN accounts_user AS person
    ON person.username IN ('reviewer-' || act.t, 'second-' || act.t, 'contributor-' || act.t)
WHERE act.type = 'approvals.promotion.submitted';
