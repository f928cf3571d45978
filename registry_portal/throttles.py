"""How many API requests one token may make: counted for each process, reads and writes apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import caches
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

if TYPE_CHECKING:  # the views read the settings, which name this class
    from rest_framework.views import APIView


class TokenThrottle(SimpleRateThrottle):
    """Requests a minute of one token, or of one person or address where there is no token; 0 switches it off."""

    cache = caches["local"]
    rate = "1/min"

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Return whether the request is within the rate of its kind."""
        reading = request.method in SAFE_METHODS
        self.scope = "read" if reading else "write"
        self.num_requests = settings.API_READS_PER_MINUTE if reading else settings.API_WRITES_PER_MINUTE
        self.duration = 60
        return self.num_requests == 0 or bool(super().allow_request(request, view))

    def get_cache_key(self, request: Request, view: APIView) -> str:
        """Return the key of whoever asks."""
        holder = getattr(request.auth, "pk", None)
        person = request.user.pk if request.user.is_authenticated else None
        ident = f"token-{holder}" if holder else f"user-{person}" if person else self.get_ident(request)
        return f"throttle:{self.scope}:{ident}"
