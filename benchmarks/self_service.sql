-- Further steps of population.sql, in its transaction: what people keep and set up for themselves and for programs.

-- step: programs and tokens
CREATE TEMPORARY TABLE program_of ON COMMIT DROP AS
SELECT (SELECT max(id) FROM accounts_user) + row_number() OVER (ORDER BY team.t, i) AS id, team.t, team.id AS team_id,
    team.people + 2 AS owner_id, (ARRAY['nightly','retrain','report'])[i] AS job
FROM team_of AS team CROSS JOIN generate_series(1, 3) AS i;

INSERT INTO accounts_user (id, password, is_superuser, username, email, is_staff, is_active, date_joined, name, pseudonym,
    is_demo, owner_id)
SELECT id, '!none', false, job || '-' || t, '', false, true, now() - interval '300 days', initcap(job) || ' of Team ' || t,
    md5('user' || job || t)::uuid, false, owner_id
FROM program_of;

INSERT INTO accounts_teamuserobjectpermission (content_object_id, permission_id, user_id)
SELECT program.team_id, permission.id, program.id
FROM program_of AS program
JOIN auth_permission AS permission ON permission.codename IN ('view_models', 'register_versions', 'request_promotions')
JOIN django_content_type AS kind
    ON kind.id = permission.content_type_id AND (kind.app_label, kind.model) = ('accounts', 'team');

INSERT INTO accounts_apitoken (user_id, name, prefix, digest, scopes, created_at, expires_at, revoked_at, last_used_at)
SELECT holder.id, kind.name, left(md5('token' || holder.id || kind.name), 12), md5('of' || holder.id || kind.name)
        || md5(kind.name || holder.id), ARRAY['models:read', 'models:write'], now() - interval '80 days', kind.until,
    kind.revoked, now() - make_interval(hours => holder.id::int % 90)
FROM (
    SELECT id FROM program_of UNION ALL SELECT people + who FROM team_of CROSS JOIN generate_series(1, 6) AS who
) AS holder
CROSS JOIN (VALUES
    ('in use', now() + interval '10 days', NULL::timestamptz), ('worn out', now() - interval '10 days', NULL),
    ('left on a laptop', now() + interval '10 days', now() - interval '40 days')) AS kind (name, until, revoked);

-- step: saved searches
INSERT INTO models_savedsearch (user_id, name, query, created_at)
SELECT team.people + who, kept.name, kept.query, now() - interval '20 days'
FROM team_of AS team CROSS JOIN generate_series(1, 5) AS who
CROSS JOIN (VALUES ('Against fraud', 'q=fraud'), ('Risky ones', 'tier=high'), ('Good ones', 'q=auc+%3E+0.9'))
    AS kept (name, query);

-- step: webhooks
INSERT INTO notifications_endpoint (id, name, url, team_id, event_types, enabled, disabled_reason, created_by_id, created_at)
SELECT 3 * (t - 1) + i, kind.name || ' of Team ' || t, 'https://hooks.example.org/' || lower(kind.name) || '/' || t, id,
    kind.types, kind.reason = '', kind.reason, people + 1, now() - interval '200 days'
FROM team_of CROSS JOIN (VALUES
    (1, 'Deployment', ARRAY['models.version.sealed', 'approvals'], ''),
    (2, 'Chat', ARRAY['approvals.promotion.executed'], ''),
    (3, 'Former', ARRAY[]::text[], 'The receiver is no more.')) AS kind (i, name, types, reason);

INSERT INTO notifications_endpointsecret (endpoint_id, sealed, created_at)
SELECT id, 'sealed elsewhere', created_at FROM notifications_endpoint;

-- What waits is due on a far day: nothing is ever sent from a population.
INSERT INTO notifications_delivery (id, event_id, endpoint_id, message_id, state, attempts, next_at, created_at, sent_at,
    last_error)
SELECT row_number() OVER (ORDER BY place, endpoint), id, endpoint, 'msg_' || md5('message' || id || endpoint)::uuid, state,
    CASE state WHEN 'delivered' THEN 1 WHEN 'exhausted' THEN 3 ELSE 0 END,
    CASE state WHEN 'due' THEN now() + interval '1 year' ELSE at END, at,
    CASE state WHEN 'delivered' THEN at + interval '1 second' END, CASE state WHEN 'exhausted' THEN 'HTTP 503' ELSE '' END
FROM (
    SELECT event.place, event.id, event.at, hook.id AS endpoint,
        CASE WHEN row_number() OVER (PARTITION BY hook.id ORDER BY event.place DESC) <= 2 THEN 'due'
            WHEN event.place % 50 = 0 THEN 'exhausted' ELSE 'delivered' END AS state
    FROM event_of AS event JOIN notifications_endpoint AS hook ON hook.id = 3 * event.t - 2
        AND (event.type = 'models.version.sealed' OR starts_with(event.type, 'approvals.'))
        OR hook.id = 3 * event.t - 1 AND event.type = 'approvals.promotion.executed'
) AS sent;

INSERT INTO notifications_attempt (delivery_id, number, at, milliseconds, status_code, error, excerpt)
SELECT delivery.id, number, delivery.next_at + make_interval(mins => 5 * number), 20 + delivery.id % 200,
    CASE delivery.state WHEN 'exhausted' THEN 503 ELSE 204 END, '', ''
FROM notifications_delivery AS delivery CROSS JOIN LATERAL generate_series(1, delivery.attempts) AS number;
