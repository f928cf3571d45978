"""The registry in the admin: tables to read, and the metadata standards that compliance officers keep."""

from apps.models.admin import registry, standards

__all__ = ["registry", "standards"]
