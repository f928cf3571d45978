"""The base of forms that call an action."""

from __future__ import annotations

from django import forms

from apps.core.errors import PortalError


class ActionForm(forms.Form):
    """A form that can show what the domain refused, beside the field it names or above all fields."""

    use_required_attribute = False

    def refuse(self, error: PortalError) -> None:
        """Add the refusal to the field it names; whatever names no field of this form goes on top."""
        named = [item for item in error.errors if item.field in self.fields]
        for item in named:
            self.add_error(item.field, item.message)
        if not named:
            self.add_error(None, error.detail)
