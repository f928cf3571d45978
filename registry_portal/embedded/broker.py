"""The broker of a portal on one machine: Kombu's folder of messages, each of which is there whole or not at all.

Kombu writes a message under its final name, so that a worker which looks in that moment takes an empty file, fails
over it, and the message is lost. Here it gets its name once it is written.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Puts messages into the folder in one step."""

    def _put(  # type: ignore[override]  # Kombu's own classes disagree on the name
        self, queue: str, payload: Any, **kwargs: Any
    ) -> None:
        # Names sort by time: messages are taken in the order in which they came.
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        target = Path(self.data_folder_out, name)
        unfinished = target.with_name(f"{name}.unfinished")
        try:
            unfinished.write_text(dumps(payload), encoding="utf-8")
            os.replace(unfinished, target)
        except OSError as error:
            raise ChannelError(f"Cannot add {name} to the queue") from error


class Transport(filesystem.Transport):
    """Kombu's transport over a folder, with whole messages."""

    Channel = Channel
