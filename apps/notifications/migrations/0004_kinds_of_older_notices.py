"""Notices that were there before kinds get the kind of their event."""

from django.db import migrations

FORWARD = """
UPDATE notifications_notice AS notice SET kind = CASE
    WHEN event.type IN ('approvals.promotion.submitted', 'approvals.promotion.reevaluated') THEN 'waiting'
    WHEN event.type LIKE 'approvals.promotion.%' THEN 'requests'
    WHEN event.type LIKE 'accounts.role.%' OR event.type LIKE 'accounts.instance_role.%' THEN 'roles'
    WHEN event.type LIKE 'accounts.%' THEN 'account'
    WHEN event.type LIKE 'notifications.%' THEN 'webhooks'
    ELSE 'other'
END
FROM audit_event AS event WHERE event.id = notice.event_id
"""


class Migration(migrations.Migration):
    dependencies = (("notifications", "0003_kinds_and_digests"),)

    operations = (migrations.RunSQL(FORWARD, migrations.RunSQL.noop),)
