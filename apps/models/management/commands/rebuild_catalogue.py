"""Make what the catalogue finds models by anew."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from apps.models import catalogue
from apps.models.models import RegisteredModel

BATCH = 500


class Command(BaseCommand):
    """Safe at any time: models are taken a few at a time, each as it is at that moment."""

    help = "Rebuild the derived rows that models are found by."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--missing`."""
        parser.add_argument("--missing", action="store_true", help="only of models that have none")

    def handle(self, *_: Any, missing: bool = False, **options: Any) -> None:
        """Refresh every model."""
        models = RegisteredModel.objects.order_by("pk")
        if missing:
            models = models.filter(entry__isnull=True)
        ids = list(models.values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            catalogue.refresh(*ids[start : start + BATCH])
        if options["verbosity"]:
            self.stdout.write(f"{len(ids)} models are found by what they are now.")
