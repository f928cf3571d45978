"""Approvals in the admin: policies that compliance officers write, and records that nobody changes."""

from apps.approvals.admin import policies, records

__all__ = ["policies", "records"]
