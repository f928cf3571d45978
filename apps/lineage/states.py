"""Kinds of nodes and edges, and the two ways to walk, as data."""

from django.db import models


class NodeKind(models.TextChoices):
    """What a node stands for."""

    DATASET = "dataset", "Dataset version"
    CODE = "code", "Code commit"
    RUN = "run", "Training run"
    MODEL_VERSION = "model_version", "Model version"


class EdgeKind(models.TextChoices):
    """How what comes out relates to what flowed in; edges point downstream."""

    TRAINED_ON = "trained_on", "was trained on"
    BUILT_FROM = "built_from", "was built from"
    PRODUCED_BY = "produced_by", "was produced by"
    DERIVED_FROM = "derived_from", "was derived from"


class Direction(models.TextChoices):
    """Where to walk from a node."""

    UPSTREAM = "upstream", "Upstream"
    DOWNSTREAM = "downstream", "Downstream"


DEFAULT_DEPTH, MAX_DEPTH = 3, 10
MAX_NODES = 500
# A search looks at so many matches, the newest.
MAX_MATCHES = 2_000
