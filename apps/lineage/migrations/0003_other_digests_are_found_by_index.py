"""Find the datasets that differ by their digest alone without reading them all."""

from django.db import migrations

FORWARD = """
CREATE INDEX lineage_dataset_but_digest ON lineage_node USING hash ((facts - 'digest')) WHERE kind = 'dataset';
"""


class Migration(migrations.Migration):
    dependencies = (("lineage", "0002_nodes_and_edges_are_append_only"),)

    operations = (migrations.RunSQL(FORWARD, "DROP INDEX lineage_dataset_but_digest;"),)
