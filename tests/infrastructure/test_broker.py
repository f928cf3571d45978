"""The folder that is the broker of one machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from registry_portal.celery import app
from registry_portal.embedded.broker import Channel, Transport


class Looked:
    """Content that is asked for while its message is written."""

    def __init__(self, look: Callable[[], Any]) -> None:
        self.look = look

    def __json__(self) -> str:
        """Look, as a worker may at any moment."""
        with pytest.raises(Empty):
            self.look()
        return "whole"


@pytest.fixture
def channel(tmp_path: Path) -> Channel:
    """A channel over a folder of its own."""
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    found = Connection(transport=Transport, transport_options=folders).channel()
    assert isinstance(found, Channel)
    return found


def test_worker_never_takes_a_message_that_is_half_written(channel: Channel, tmp_path: Path) -> None:
    channel._put("celery", {"body": Looked(lambda: channel._get("celery"))})
    (tmp_path / "1_a.celery.msg.unfinished").write_text("")
    assert channel._get("celery") == {"body": "whole"}
    with pytest.raises(Empty):
        channel._get("celery")


def test_messages_are_taken_in_their_order_and_by_their_queue(channel: Channel) -> None:
    for number in range(3):
        channel._put("celery", number)
    channel._put("celery-notices", "other")
    assert channel._get("celery-notices") == "other"
    assert [channel._get("celery") for _ in range(3)] == [0, 1, 2]


def test_portal_without_a_broker_of_its_own_uses_the_folder() -> None:
    with app.connection_for_write("filesystem://localhost") as connection:
        assert isinstance(connection.transport, Transport)
