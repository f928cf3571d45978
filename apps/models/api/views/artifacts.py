"""Artifacts over HTTP: raw bytes in and out, streamed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any, BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.authentication import require_still_valid
from apps.accounts.roles import Scope
from apps.core.errors import Invalid, NotFound
from apps.models import actions, paths
from apps.models.actions import Placed
from apps.models.api import headers, inputs, serializers
from apps.models.api.views.base import READ, WRITE, RegistryView
from apps.models.models import Artifact
from apps.models.storage import blobs
from apps.models.storage.spool import CHUNK, Readable

REFUSED_HEADERS = ("Content-Range", "Content-Encoding")
SWALLOW_SECONDS = 10
PATH = OpenApiParameter("path", str, OpenApiParameter.PATH, description="Relative path, such as weights/model.onnx.")
DIGEST = OpenApiParameter(
    "Repr-Digest", str, OpenApiParameter.HEADER, description="`sha-256=:<base64>:` (RFC 9530); checked. `Digest` too."
)
RANGE = OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range, such as `bytes=0-1023`.")
BYTES = {("application/octet-stream"): OpenApiTypes.BINARY}


class ArtifactBytes(RegistryView):
    """One file of a version."""

    required_scopes = {**READ, **WRITE, "PUT": Scope.MODELS_WRITE}
    serializer_class = serializers.ArtifactSerializer
    queryset = Artifact.objects.none()
    filter_backends = ()

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """Answer whatever is accepted: the bytes are what they are, and errors are JSON."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type or ""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal after having read on: many clients look for an answer only when all bytes are sent."""
        response: Response = super().handle_exception(exc)
        if self.request.method == "PUT":
            _swallow(_body(self.request._request))
        return response

    @extend_schema(
        operation_id="artifacts_upload",
        summary="Upload an artifact",
        parameters=[PATH, DIGEST],
        request=BYTES,
        responses={200: serializers.ArtifactSerializer, 201: serializers.ArtifactSerializer},
    )
    def put(self, request: Request, name: str, version: str, path: str) -> Response:
        """Stream raw bytes into a pending version; 201 when new, 200 when the same or replaced."""
        sent = request._request
        for header in REFUSED_HEADERS:
            if request.headers.get(header, "identity") != "identity":
                raise Invalid(f"{header} is not accepted: send the whole file as it is.", code="unsupported_header")
        size, sha256 = headers.announced_size(sent), headers.announced_sha256(sent)
        headers.require_measure(size, sha256)
        found = self.version(name, version)
        placed = actions.upload_artifact(
            found,
            path=path,
            stream=_body(sent),
            size=size,
            sha256=sha256,
            actor=self.user,
            still_valid=partial(require_still_valid, request),
        )
        return self._placed(placed)

    @extend_schema(
        operation_id="artifacts_link",
        summary="Add an artifact whose bytes the registry has",
        parameters=[PATH],
        request=inputs.KnownBytesSerializer,
        responses={200: serializers.ArtifactSerializer, 201: serializers.ArtifactSerializer},
    )
    def post(self, request: Request, name: str, version: str, path: str) -> Response:
        """Link bytes that you can already read in another version, instead of sending them; 404 `unknown_blob`."""
        known = self.given(inputs.KnownBytesSerializer)
        found = self.version(name, version)
        return self._placed(actions.link_artifact(found, path=path, actor=self.user, **known))

    @extend_schema(
        operation_id="artifacts_download",
        summary="Download an artifact",
        parameters=[PATH, RANGE],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            (206, "application/octet-stream"): OpenApiTypes.BINARY,
            304: OpenApiResponse(description="You have these bytes: If-None-Match names their ETag."),
        },
    )
    def get(self, request: Request, name: str, version: str, path: str) -> HttpResponseBase:
        """Stream the bytes, or one range of them; the ETag is the SHA-256."""
        found = self.version(name, version).artifacts.select_related("blob").filter(path=paths.checked(path)).first()
        if found is None:
            raise NotFound(f"{name} {version} has no artifact {path!r}.", code="unknown_artifact")
        try:
            return _answer(request._request, found)
        except headers.Unsatisfiable as error:
            response = self.handle_exception(error)
            response["Content-Range"] = f"bytes */{found.blob.size}"
            return response

    def _placed(self, placed: Placed) -> Response:
        data = {**self.get_serializer(placed.artifact).data, "outcome": placed.outcome}
        return Response(data, status=201 if placed.outcome == "created" else 200)


def _body(request: HttpRequest) -> Readable:
    """Return the request's body, unread; a body in chunks comes from the server as it is."""
    if not request.META.get("CONTENT_LENGTH") and "HTTP_TRANSFER_ENCODING" in request.META:
        chunks: BinaryIO = request.META["wsgi.input"]
        return chunks
    return request


def _swallow(body: Readable) -> None:
    """Read and forget what a refused client still sends, for a few seconds."""
    end = time.monotonic() + SWALLOW_SECONDS
    try:
        while time.monotonic() < end and body.read(CHUNK):
            pass
    except Exception:  # noqa: BLE001 - the client went away; the refusal stands
        return


def _answer(request: HttpRequest, artifact: Artifact) -> HttpResponseBase:
    blob, etag = artifact.blob, f'"{artifact.blob_id}"'
    response: HttpResponseBase
    span = headers.asked_span(request, etag, blob.size)
    start, stop = (span.start, span.stop) if span else (0, blob.size)
    if _is_known(request.headers.get("If-None-Match", ""), etag):
        response = HttpResponse(status=304)
    else:
        response = _stream(request, artifact, start, stop, 206 if span else 200)
        if span:
            response["Content-Range"] = f"bytes {start}-{stop - 1}/{blob.size}"
    response["ETag"] = etag
    response["Repr-Digest"] = headers.repr_digest(blob.sha256)
    response["Cache-Control"] = "private, no-cache"
    return response


def _stream(request: HttpRequest, artifact: Artifact, start: int, stop: int, status: int) -> HttpResponseBase:
    content = iter(()) if request.method == "HEAD" else blobs.read(artifact.blob_id, start, stop)
    # A storage that does not answer must show before the status line is sent.
    first = next(content, b"")
    response = StreamingHttpResponse(_joined(first, content), status=status, content_type="application/octet-stream")
    response["Content-Length"] = str(stop - start)
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    name = artifact.path.rpartition("/")[2]
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _is_known(header: str, etag: str) -> bool:
    return header.strip() == "*" or etag in {tag.strip().removeprefix("W/") for tag in header.split(",")}
