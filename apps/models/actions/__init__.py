"""Every write of the registry; each action is one transaction, one policy check and one audit event."""

from apps.models.actions.aliases import remove_alias, set_alias
from apps.models.actions.artifacts import Placed, link_artifact, upload_artifact
from apps.models.actions.registration import change_model, register_model
from apps.models.actions.searches import delete_search, rename_search, save_search
from apps.models.actions.standards import set_standard
from apps.models.actions.versions import fail_version, register_version, seal_version

__all__ = [
    "Placed",
    "change_model",
    "delete_search",
    "fail_version",
    "link_artifact",
    "register_model",
    "register_version",
    "remove_alias",
    "rename_search",
    "save_search",
    "seal_version",
    "set_alias",
    "set_standard",
    "upload_artifact",
]
