"""POSTs that may be sent twice: the key, what it did and the answer commit together, or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.encoding import force_str
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts import actions
from apps.accounts.models import IdempotentAnswer, User
from apps.core.errors import Invalid, PortalError

LONGEST_KEY = 255
CLIENT_ERRORS = (PortalError, APIException, Http404, PermissionDenied)
Handler = Callable[..., Response]


class IdempotentMixin(APIView):
    """Answers a repeated POST with the first answer when both carry the same `Idempotency-Key`.

    Only successes are kept. `secret_fields` are shown in the first answer and are null in every replay.
    Put it first among the bases; set `idempotent = False` where bodies are streamed.
    """

    idempotent = True
    secret_fields: tuple[str, ...] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Once the asker is known and may ask, put the keyed answer in front of the handler."""
        super().initial(request, *args, **kwargs)
        if request.method == "POST" and self.idempotent and "Idempotency-Key" in request.headers:
            handler: Handler = getattr(self, "post", self.http_method_not_allowed)
            vars(self)["post"] = partial(self._once, handler)

    def _once(self, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = _checked(request.headers["Idempotency-Key"])
        asked = {
            "method": "POST",
            "path": request.get_full_path()[:1000],
            "body_digest": hashlib.sha256(request._request.body).hexdigest(),
        }
        given: list[Response] = []

        def answer() -> actions.Answer:
            given.append(self._answered(handler, request, *args, **kwargs))
            return self._kept(request, given[0])

        before = actions.answer_once(key, asked, answer, actor=cast(User, request.user))
        return _replay(before) if before else given[0]

    def _answered(self, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the answer, refusals included, so that what a refused act left on purpose commits."""
        try:
            return handler(request, *args, **kwargs)
        except CLIENT_ERRORS as error:
            return self.handle_exception(error)

    def _kept(self, request: Request, response: Response) -> actions.Answer:
        data = response.data
        if self.secret_fields and isinstance(data, dict):
            data = {name: None if name in self.secret_fields else value for name, value in data.items()}
        headers = {name: value for name, value in response.headers.items() if name != "Content-Type"}
        rendered = request.accepted_renderer.render(data, renderer_context=self.get_renderer_context())
        return actions.Answer(response.status_code, headers, force_str(rendered or ""))


def _replay(answer: IdempotentAnswer) -> Response:
    headers = {**answer.headers, "Idempotency-Replayed": "true"}
    return Response(json.loads(answer.body) if answer.body else None, status=answer.status, headers=headers)


def _checked(key: str) -> str:
    if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()) or not key.strip():
        raise Invalid(
            f"An Idempotency-Key is 1 to {LONGEST_KEY} printable ASCII characters.", code="invalid_idempotency_key"
        )
    return key
