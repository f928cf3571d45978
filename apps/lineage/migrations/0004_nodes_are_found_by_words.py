"""Find nodes by the words of their labels."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from apps.lineage.querysets import Words


class Migration(migrations.Migration):
    dependencies = (("lineage", "0003_other_digests_are_found_by_index"),)

    operations = (migrations.AddIndex("node", GinIndex(Words("label"), name="lineage_node_words")),)
