"""The registry's views, one class per address."""

from apps.models.api.views.artifacts import ArtifactBytes
from apps.models.api.views.models import AliasDetail, AliasList, ModelDetail, ModelList, StandardList
from apps.models.api.views.stages import Inventory, ModelProduction, StageHistory, StageVersions
from apps.models.api.views.versions import VersionDetail, VersionFail, VersionList, VersionSeal

__all__ = [
    "AliasDetail",
    "AliasList",
    "ArtifactBytes",
    "Inventory",
    "ModelDetail",
    "ModelList",
    "ModelProduction",
    "StageHistory",
    "StageVersions",
    "StandardList",
    "VersionDetail",
    "VersionFail",
    "VersionList",
    "VersionSeal",
]
