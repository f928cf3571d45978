"""The queries of the lineage pages; what they do not know counts as not given."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.lineage.states import DEFAULT_DEPTH, MAX_DEPTH, Direction, NodeKind


class SearchForm(forms.Form):
    """Words of what is looked for, and its kind."""

    q = forms.CharField(required=False, max_length=200)
    kind = forms.ChoiceField(required=False, choices=NodeKind.choices)

    def criteria(self) -> dict[str, str]:
        """Return what is looked for."""
        self.is_valid()
        return {key: str(self.cleaned_data.get(key, "")) for key in self.fields}


class WalkForm(forms.Form):
    """Which way to walk from a node, and how far."""

    direction = forms.ChoiceField(required=False, choices=Direction.choices)
    depth = forms.IntegerField(required=False, min_value=1, max_value=MAX_DEPTH)

    def walk(self) -> dict[str, Any]:
        """Return the directions and the depth."""
        self.is_valid()
        way = self.cleaned_data.get("direction")
        directions = (Direction(way),) if way else tuple(Direction)
        return {"directions": directions, "depth": self.cleaned_data.get("depth") or DEFAULT_DEPTH}
