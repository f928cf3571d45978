"""How a call of the API is shown in its document: one example for each operation, beside the app that answers it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from shlex import quote
from typing import Any
from urllib.parse import quote as escaped
from urllib.parse import urlencode


@dataclass(frozen=True)
class Example:
    """What is put into an operation's address, headers and body, and the same call in Python where the client has it.

    `file` names a file that is sent as it is. `answer` is shown instead of the answer's usual example.
    """

    body: Any = None
    parts: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    save: str = ""
    python: str = ""
    answer: Any = None

    def address(self, path: str) -> str:
        """Return the path and query with the example's values."""
        for name, value in self.parts.items():
            path = path.replace(f"{{{name}}}", escaped(value))
        return path + (f"?{urlencode(self.query)}" if self.query else "")

    def curl(self, method: str, path: str, *, keyed: bool = False) -> str:
        """Return the call as a command that runs once REGISTRY_URL and REGISTRY_TOKEN are set."""
        verb = "" if method == "GET" else f" --request {method}"
        parts = [f'curl --silent --show-error{verb} "$REGISTRY_URL{self.address(path)}"']
        headers = {"Authorization": "Bearer $REGISTRY_TOKEN", **self.headers}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        if keyed:
            headers["Idempotency-Key"] = "$(openssl rand -hex 16)"
        parts += [f'--header "{name}: {_inside_quotes(value)}"' for name, value in headers.items()]
        if self.body is not None:
            parts.append(f"--data {quote(json.dumps(self.body, indent=2, ensure_ascii=False))}")
        if self.file:
            parts.append(f"--upload-file {quote(self.file)}")
        if self.save:
            parts.append(f"--output {quote(self.save)}")
        return " \\\n  ".join(parts)


def _inside_quotes(value: str) -> str:
    """Return text for a shell's double quotes, in which `$` still names variables."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
