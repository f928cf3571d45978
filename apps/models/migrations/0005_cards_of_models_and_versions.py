"""Give models a card that owners keep, and versions one that stays as it was registered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("models", "0004_search_vector_follows_the_model"),)

    operations = (
        migrations.AddField(
            "registeredmodel", "card", models.TextField(blank=True, default=""), preserve_default=False
        ),
        migrations.AddField("modelversion", "card", models.TextField(blank=True, default=""), preserve_default=False),
    )
