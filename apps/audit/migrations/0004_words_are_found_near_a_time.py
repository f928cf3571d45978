"""Find words by an index that also tells, coarsely, when an event was recorded, so that a search is kept to a stretch."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from apps.audit.querysets import BodyWords, Moments

# What a body's words cost is said as it is: else plans read every body of a stretch instead of the index.
# A moment is a span of 2^10 seconds (17 minutes) and of four longer ones, up to 2 years, around the time of recording.
FORWARD = r"""
CREATE FUNCTION audit_words(body text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 4000 AS $$
BEGIN
    RETURN to_tsvector('simple', body);
END $$;

CREATE FUNCTION audit_moments(at timestamptz) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    seconds bigint := floor(extract(epoch FROM at AT TIME ZONE 'UTC'));
BEGIN
    RETURN ARRAY(SELECT (span::bigint << 40) + (seconds >> span) FROM unnest(ARRAY[10, 14, 18, 22, 26]) AS span);
END $$;

-- The shortest spans of which fewer than 32 cover the time.
CREATE FUNCTION audit_moments_between(since timestamptz, until timestamptz) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    first bigint := floor(extract(epoch FROM since AT TIME ZONE 'UTC'));
    last bigint := floor(extract(epoch FROM until AT TIME ZONE 'UTC'));
    span int;
BEGIN
    FOREACH span IN ARRAY ARRAY[10, 14, 18, 22, 26] LOOP
        EXIT WHEN (last >> span) - (first >> span) < 32;
    END LOOP;
    RETURN ARRAY(SELECT (span::bigint << 40) + each FROM generate_series(first >> span, last >> span) AS each);
END $$;

-- What the index alone can answer: the words of a phrase anywhere, nothing about words that must be absent.
CREATE FUNCTION audit_loosely(query tsquery) RETURNS tsquery LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    kept text := querytree(query);
BEGIN
    RETURN CASE WHEN kept IN ('', 'T') THEN query ELSE regexp_replace(kept, '<(-|\d+)>', '&', 'g')::tsquery END;
END $$;
"""
BACKWARD = """
DROP FUNCTION audit_loosely(tsquery);
DROP FUNCTION audit_moments_between(timestamptz, timestamptz);
DROP FUNCTION audit_moments(timestamptz);
DROP FUNCTION audit_words(text);
"""


class Migration(migrations.Migration):
    dependencies = (("audit", "0003_newest_events_of_a_type"),)

    operations = (
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.AddIndex("event", GinIndex(BodyWords("body"), Moments("at"), name="audit_event_found")),
        migrations.RemoveIndex("event", "audit_event_text"),
    )
