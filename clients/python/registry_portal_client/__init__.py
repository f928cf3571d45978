"""A client of Registry Portal for pipelines: register, ask for promotion, wait, fetch.

from registry_portal_client import Registry

registry = Registry.from_environment()
done = registry.register("card-fraud", ["out/"], bump="minor", metrics={"auc": 0.95})
promotion = registry.request("card-fraud", done.version["version"], "staging", "Retrained on October")
"""

from registry_portal_client.errors import (
    Corrupt,
    Different,
    Ended,
    Refused,
    RegistryError,
    StillWaiting,
    Unreachable,
    WrongUse,
)
from registry_portal_client.fetching import Fetched
from registry_portal_client.registration import Registered
from registry_portal_client.registry import Registry

__all__ = [
    "Corrupt",
    "Different",
    "Ended",
    "Fetched",
    "Refused",
    "Registered",
    "Registry",
    "RegistryError",
    "StillWaiting",
    "Unreachable",
    "WrongUse",
]
