"""What the OpenAPI document says of every operation: its token scope, its key for repeats, its errors."""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance, is_list_serializer, is_serializer
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework import serializers

from apps.core.examples import Example

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="1 to 255 printable ASCII characters. Sent again with the same body, the first answer comes back.",
)


class ProblemFieldSerializer(serializers.Serializer[Any]):
    """One wrong field."""

    field = serializers.CharField(help_text="Dotted path.")
    message = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a request was refused (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable; programs decide by it.")
    errors = ProblemFieldSerializer(many=True)  # type: ignore[assignment]


class PortalSchema(AutoSchema):
    """Adds to each operation what its base classes do for it."""

    def get_description(self) -> str:  # type: ignore[override]  # spectacular's own signature
        """Return the description with the scope a token needs."""
        required = getattr(self.view, "required_scopes", {}).get(self.method.upper())
        scopes = (required,) if isinstance(required, str) else required or ()
        needed = f"Token scope: {' or '.join(f'`{scope}`' for scope in scopes)}." if scopes else ""
        return "\n\n".join(part for part in (super().get_description(), needed) if part)

    def _is_list_view(self, serializer: Any = None) -> bool:
        """Tell lists by their order, which a view that pages through rows names; one of a single row inherits it."""
        own = "cursor_ordering" in vars(type(self.view)) or not self.path.endswith(("id}/", "pk}/"))
        pages = own and hasattr(self.view, "cursor_ordering")
        return (self.method == "GET" and pages) or bool(super()._is_list_view(serializer))

    def get_override_parameters(self) -> list[Any]:
        """Return the header that makes a POST repeatable."""
        repeatable = self.method.upper() == "POST" and getattr(self.view, "idempotent", False)
        return [*super().get_override_parameters(), *([KEY] if repeatable else [])]

    def _get_parameters(self) -> list[dict[str, Any]]:
        """Give each parameter the value that the operation's example has for it; a command's own words are none."""
        parameters: list[dict[str, Any]] = super()._get_parameters()
        example = self._example() or Example()
        given = {"path": example.parts, "query": example.query, "header": example.headers}
        for parameter in parameters:
            value = given.get(parameter["in"], {}).get(parameter["name"], "")
            if value and "$(" not in value:
                worded = parameter["schema"].get("type") not in {"integer", "number", "boolean"}
                parameter["example"] = value if worded else json.loads(value)
        return parameters

    def get_extensions(self) -> dict[str, Any]:
        """Return the call as commands and lines that run."""
        example = self._example()
        if example is None:
            return {}
        keyed = self.method.upper() == "POST" and getattr(self.view, "idempotent", False)
        samples = [{"lang": "Shell", "label": "curl", "source": example.curl(self.method, self.path, keyed=keyed)}]
        if example.python:
            samples.append({"lang": "Python", "label": "Python", "source": example.python})
        return {"x-codeSamples": samples}

    def _get_examples(
        self,
        serializer: Any,
        direction: Any,
        media_type: str,
        status_code: str | None = None,
        extras: list[OpenApiExample] | None = None,
    ) -> Any:
        """Add the example of the operation, or the one that its app gives for the shape of the answer."""
        example, value = self._example(), None
        if media_type == "application/json" and example is not None:
            value = example.body if direction == "request" else example.answer or self._usual_answer(serializer)
        shown = [OpenApiExample("Example", value, media_type=media_type)] if value is not None else []
        for each in shown:
            each.status_codes = [status_code] if status_code else []
        extras = [*(extras or []), *shown]
        return super()._get_examples(  # type: ignore[no-untyped-call]
            serializer, direction, media_type, status_code, extras
        )

    def _example(self) -> Example | None:
        found: Example | None = _module_of(self.view).EXAMPLES.get(self.get_operation_id())
        return found

    def _usual_answer(self, serializer: Any) -> Any:
        one = force_instance(serializer)  # type: ignore[no-untyped-call]
        one = one.child if is_list_serializer(one) else one
        name = self._get_serializer_name(one, "response") if is_serializer(one) else ""
        return _module_of(self.view).ANSWERS.get(name)

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(  # type: ignore[no-untyped-call]
            ProblemSerializer, "4XX", ["application/problem+json"], direction
        )
        return bodies | {"4XX": problem | {"description": "Refused; nothing changed."}}


@cache
def _examples_of(app: str) -> Any:
    return import_module(f"{app}.api.examples")


def _module_of(view: Any) -> Any:
    """Return the module with the examples of the app that a view belongs to."""
    return _examples_of(".".join(type(view).__module__.split(".")[:2]))


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes TokenAuthentication."""

    target_class = "apps.accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the scheme's definition."""
        described = "An API token; Basic with any user name and the token as the password works too."
        return {"type": "http", "scheme": "bearer", "bearerFormat": "rp_…", "description": described}
