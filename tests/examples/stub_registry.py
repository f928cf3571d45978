"""A registry on loopback with just the shapes that the examples rely on: the network, faked."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import quote, unquote

TOKEN = "stub-token"
Answer = tuple[int, dict[str, Any]]


class StubRegistry:
    """What was sent is kept in plain attributes; what is answered can be bent by a test."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, Any]] = {}
        self.versions: dict[tuple[str, str], dict[str, Any]] = {}
        self.artifacts: dict[tuple[str, str, str], bytes] = {}
        self.promotions: list[dict[str, Any]] = []
        self.checks: list[dict[str, Any]] = []
        self.posts: dict[str, Answer] = {}
        self.states = ["open", "approved", "executed"]
        self.corrupt_downloads = False
        self.production: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def post(self, path: str, key: str, body: dict[str, Any]) -> Answer:
        """Answer a POST; the same idempotency key gets the first answer."""
        if key not in self.posts:
            self.posts[key] = self._post(path, body)
        return self.posts[key]

    def _post(self, path: str, body: dict[str, Any]) -> Answer:
        if path == "models/":
            self.models[body["name"]] = body
            return 201, body
        if path == "promotions/":
            self.promotions.append(body)
            return 201, self._promotion(len(self.promotions))
        if match := re.fullmatch(r"promotions/(\d+)/checks/", path):
            self.checks.append(body)
            return 201, {"id": match[1]}
        if match := re.fullmatch(r"models/([^/]+)/versions/([^/]+)/seal/", path):
            self.versions[match[1], match[2]]["state"] = "ready"
            return 200, self.versions[match[1], match[2]]
        if match := re.fullmatch(r"models/([^/]+)/versions/", path):
            return self._create_version(match[1], body)
        return 404, {"code": "not_found", "detail": path}

    def _create_version(self, model: str, body: dict[str, Any]) -> Answer:
        version = body.get("version", "9.0.0")
        if (model, version) in self.versions:
            return 409, {"code": "duplicate_version", "detail": f"{model} {version} exists"}
        self.versions[model, version] = {**body, "version": version, "state": "pending"}
        return 201, self.versions[model, version]

    def get(self, path: str) -> Answer:
        """Answer a GET."""
        if match := re.fullmatch(r"models/([^/]+)/", path):
            return _found(self.models.get(match[1]))
        if match := re.fullmatch(r"models/([^/]+)/versions/([^/]+)/", path):
            return _found(self.versions.get((match[1], match[2])))
        if match := re.fullmatch(r"promotions/(\d+)/", path):
            return 200, self._promotion(int(match[1]))
        if match := re.fullmatch(r"models/([^/]+)/production/", path):
            return self._production(match[1])
        return 404, {"code": "not_found", "detail": path}

    def _promotion(self, number: int) -> dict[str, Any]:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        asked = self.promotions[number - 1]
        if state == "executed":
            self.production[asked["model"]] = asked["version"]
        return {"id": number, "state": state, "evidence_digest": "e" * 64}

    def _production(self, model: str) -> Answer:
        if model not in self.production:
            return 404, {"code": "nothing_in_production", "detail": model}
        version = self.production[model]
        rows = [
            {
                "path": path,
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "url": f"{self.url}/api/v1/models/{model}/versions/{version}/artifacts/{quote(path)}",
            }
            for (name, number, path), content in sorted(self.artifacts.items())
            if (name, number) == (model, version)
        ]
        return 200, {"model": model, "version": version, "manifest_digest": "d" * 64, "artifacts": rows}

    def put(self, path: str, digest: str, content: bytes) -> Answer:
        """Answer an upload; a wrong Repr-Digest leaves nothing."""
        expected = base64.b64encode(hashlib.sha256(content).digest()).decode()
        match = re.fullmatch(r"models/([^/]+)/versions/([^/]+)/artifacts/(.+)", path)
        if match is None or digest != f"sha-256=:{expected}:":
            return 400, {"code": "digest_mismatch", "detail": digest}
        self.artifacts[match[1], match[2], match[3]] = content
        return 201, {"path": match[3]}

    def download(self, path: str) -> bytes | None:
        """Bytes of an artifact, or None."""
        match = re.fullmatch(r"models/([^/]+)/versions/([^/]+)/artifacts/(.+)", path)
        content = self.artifacts.get((match[1], match[2], match[3])) if match else None
        return b"corrupt" if content is not None and self.corrupt_downloads else content


def _found(thing: dict[str, Any] | None) -> Answer:
    return (404, {"code": "not_found", "detail": "no such thing"}) if thing is None else (200, thing)


def _handler(stub: StubRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            content = stub.download(self._path())
            if content is not None:
                self._send(200, content, "application/octet-stream")
            else:
                self._answer(lambda: stub.get(self._path()))

        def do_POST(self) -> None:
            body = json.loads(self._body())
            self._answer(lambda: stub.post(self._path(), self.headers["Idempotency-Key"], body))

        def do_PUT(self) -> None:
            body = self._body()
            self._answer(lambda: stub.put(self._path(), self.headers["Repr-Digest"], body))

        def log_message(self, *_: object) -> None:
            """Keep the test's output quiet."""

        def _path(self) -> str:
            return unquote(self.path.removeprefix("/api/v1/"))

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def _answer(self, act: Callable[[], Answer]) -> None:
            allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
            status, content = act() if allowed else (401, {"code": "not_authenticated", "detail": "token"})
            self._send(status, json.dumps(content).encode(), "application/json")

        def _send(self, status: int, content: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler
