-- Further steps of population.sql, in its transaction: what people say, attach and set, and what they are sent.

-- step: threads and comments
INSERT INTO approvals_thread (id, promotion_id, round_id, opened_by_id, created_at)
SELECT p, p, p, bot - 2, asked + interval '30 minutes' FROM promotion_of WHERE p % 2 = 0;

INSERT INTO approvals_comment (thread_id, sequence, kind, author_id, text, mentioned, created_at)
SELECT p, said.place, said.kind, CASE said.place WHEN 2 THEN contributor ELSE bot - 2 END, said.text, '[]',
    asked + make_interval(mins => 30 + 10 * said.place)
FROM promotion_of CROSS JOIN (VALUES
    (1, 'said', 'Which regions do the records of fraud and spam come from?'), (2, 'said', 'All but region 4.'),
    (3, 'resolved', '')) AS said (place, kind, text)
WHERE p % 2 = 0;

-- step: evaluations
INSERT INTO approvals_evaluation (promotion_id, state, standing, created_at)
SELECT id, state, standing, coalesce(closed_at, created_at) FROM approvals_promotion;

-- step: attached evidence
-- Of versions that nobody asks for: what is attached to others belongs to the evidence of their promotions.
INSERT INTO approvals_attachedevidence (version_id, kind, title, body, data, digest, author_id, created_at)
SELECT id, 'monitoring', 'Drift in month ' || k, 'Within bounds.', '{}', md5('attached' || id) || md5(id || 'attached'),
    contributor, sealed + interval '20 days'
FROM version_of WHERE NOT serves;

-- step: metadata standards
-- For staging, which no promotion of the population asks for.
INSERT INTO models_metadatastandard (risk_tier, stage, number, schema, set_by_id, set_at)
SELECT tier, 'staging', number, '{"type": "object", "required": ["task"]}', person.id, now() - make_interval(days => 30 - number)
FROM unnest(ARRAY['low', 'medium', 'high']) AS tier CROSS JOIN generate_series(1, 3) AS number
JOIN accounts_user AS person ON person.username = 'compliance';

-- step: preferences and e-mails
INSERT INTO notifications_preference (user_id, in_app, email, digest, digest_hour)
SELECT id, true, true, id % 4 = 0, 6 FROM accounts_user WHERE owner_id IS NULL;

INSERT INTO notifications_email (event_id, user_id, state, attempts, next_at, created_at, sent_at)
SELECT event_id, user_id, 'delivered', 1, created_at, created_at, created_at + interval '2 seconds'
FROM notifications_notice;

-- step: personal data
INSERT INTO audit_personaldata (event_id, salt, data)
SELECT id, sha256(convert_to(id::text, 'UTF8')), '{"address": "192.0.2.1"}' FROM event_of WHERE place % 20 = 0;
