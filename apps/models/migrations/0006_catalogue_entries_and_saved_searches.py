"""Find models by derived rows of their own instead of a vector beside the model; keep searches."""

from importlib import import_module

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

BEFORE = import_module("apps.models.migrations.0004_search_vector_follows_the_model")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_accounts_stay_who_they_are"),
        ("models", "0005_cards_of_models_and_versions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(BEFORE.BACKWARD, BEFORE.FORWARD),
        migrations.CreateModel(
            name="CatalogueEntry",
            fields=[
                (
                    "registered_model",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="entry",
                        serialize=False,
                        to="models.registeredmodel",
                    ),
                ),
                ("name", models.CharField(max_length=100, unique=True)),
                ("risk_tier", models.CharField(max_length=10)),
                ("visibility", models.CharField(max_length=20)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
                (
                    "stages",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                ("production_version", models.CharField(blank=True, max_length=100)),
                ("production_since", models.DateTimeField(null=True)),
                ("task", models.CharField(blank=True, max_length=100)),
                ("framework", models.CharField(blank=True, max_length=100)),
                (
                    "formats",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None),
                ),
                ("headline", models.CharField(blank=True, max_length=100)),
                ("course", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=None)),
                ("active_at", models.DateTimeField()),
                ("words", django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                "verbose_name_plural": "catalogue entries",
                "ordering": ("name",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="CatalogueMetric",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=100)),
                ("value", models.FloatField()),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("query", models.CharField(max_length=1000)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "saved searches",
                "ordering": ("name",),
                "default_permissions": (),
            },
        ),
        migrations.RemoveIndex(
            model_name="registeredmodel",
            name="models_model_search",
        ),
        migrations.RemoveField(
            model_name="registeredmodel",
            name="search",
        ),
        migrations.AddField(
            model_name="catalogueentry",
            name="team",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team"),
        ),
        migrations.AddField(
            model_name="catalogueentry",
            name="version",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="models.modelversion"
            ),
        ),
        migrations.AddField(
            model_name="cataloguemetric",
            name="entry",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="metrics", to="models.catalogueentry"
            ),
        ),
        migrations.AddField(
            model_name="savedsearch",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="saved_searches", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="catalogueentry",
            index=django.contrib.postgres.indexes.GinIndex(fields=["words"], name="models_entry_words"),
        ),
        migrations.AddIndex(
            model_name="catalogueentry",
            index=models.Index(fields=["-active_at", "name"], name="models_entry_active"),
        ),
        migrations.AddIndex(
            model_name="cataloguemetric",
            index=models.Index(fields=["key", "value"], name="models_entry_metric"),
        ),
        migrations.AddConstraint(
            model_name="cataloguemetric",
            constraint=models.UniqueConstraint(fields=("entry", "key"), name="models_entry_metric_once"),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.UniqueConstraint(
                models.F("user"), django.db.models.functions.text.Lower("name"), name="models_saved_search_once"
            ),
        ),
    ]
