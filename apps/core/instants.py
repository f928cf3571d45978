"""A field for a point in time, however its offset is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms


class InstantField(forms.DateTimeField):
    """A date and time, in UTC where no offset is given, and kept in UTC: PostgreSQL knows no offsets from 16 hours."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant in UTC; raises ValidationError for what is none, or beyond what can be counted."""
        found = super().to_python(value)
        try:
            return found.astimezone(UTC) if found is not None else None
        except OverflowError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
