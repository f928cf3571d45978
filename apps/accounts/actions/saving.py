"""Saving a new row with its field errors named, and taken names told as a conflict."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction

from apps.core.errors import Conflict, FieldError, Invalid


def save_new(instance: models.Model, *, taken: str, code: str, field: str) -> None:
    """Validate and insert; raises Invalid with each wrong field, Conflict where the name is taken."""
    try:
        instance.clean_fields()
    except ValidationError as error:
        raise invalid(error) from None
    try:
        with transaction.atomic():
            instance.validate_unique()
            instance.validate_constraints()
            instance.save(force_insert=True)
    except (ValidationError, IntegrityError):
        raise Conflict(taken, code=code, field=field) from None


def invalid(error: ValidationError, field: str = "") -> Invalid:
    """Return Django's validation error as ours, one FieldError per message."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {field or NON_FIELD_ERRORS: error.error_list}
    errors = [
        FieldError("" if name == NON_FIELD_ERRORS else name, " ".join(item.messages), item.code or "invalid")
        for name, items in by_field.items()
        for item in items
    ]
    detail = "; ".join(f"{item.field}: {item.message}" if item.field else item.message for item in errors)
    return Invalid(detail, errors=errors)
