"""A pipeline and a reviewer who promote one version after the other and do not mind a portal that goes away."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.concurrency.clients import BROKEN, Answer, Client
from tests.concurrency.registry import Promotion, decide, register_model, requested, sealed_version

PATIENCE_SECONDS = 60
# Slow enough for the workers of a busy machine to follow.
PAUSE_SECONDS = 1.0


class Patient(Client):
    """Sends again, with the same Idempotency-Key, until it is answered: after a cut connection and after a 503."""

    def send(self, method: str, path: str, content: Any = None, headers: Any = None) -> Answer:
        given = {"Idempotency-Key": str(uuid.uuid4()), **(headers or {})}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = super().send(method, path, content, given)
                if answer.status != 503:
                    return answer
            except BROKEN:
                pass
            assert time.monotonic() < deadline, f"{method} {path} was not answered for {PATIENCE_SECONDS} s"
            time.sleep(0.1)


@dataclass
class Workload:
    """Promotes versions of a model of its own until told to stop; its lists are what the portal acknowledged."""

    pipeline: Client
    reviewer: Client
    model: str
    sealed: list[str] = field(default_factory=list)
    asked: list[Promotion] = field(default_factory=list)
    approved: list[Promotion] = field(default_factory=list)
    failure: BaseException | None = None
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        register_model(self.pipeline, self.model, "low")
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Finish the version at hand; fails with what went wrong."""
        self.stopping.set()
        self.thread.join(PATIENCE_SECONDS)
        assert not self.thread.is_alive()
        if self.failure:
            raise self.failure

    def _run(self) -> None:
        try:
            while not self.stopping.is_set():
                self._promote()
                self.stopping.wait(PAUSE_SECONDS)
        except BaseException as error:  # noqa: BLE001 - told by stop()
            self.failure = error

    def _promote(self) -> None:
        version = sealed_version(self.pipeline, self.model)
        self.sealed.append(version)
        promotion = requested(self.pipeline, self.model, version)
        self.asked.append(promotion)
        answer = decide(self.reviewer, promotion, "approve")
        # The one before may have been executed in between.
        assert answer.status == 201 or answer.expect(409).code == "already_resolved"
        if answer.status == 201:
            self.approved.append(promotion)
