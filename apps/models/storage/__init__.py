"""Artifact bytes: received into a spool, kept once under their SHA-256, read back in ranges."""

from apps.models.storage import blobs
from apps.models.storage.spool import Incoming, receiving

__all__ = ["Incoming", "blobs", "receiving"]
