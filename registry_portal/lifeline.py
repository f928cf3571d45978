"""Processes that die with their parent, so that a killed supervisor leaves no server on its port."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time

import psutil

PARENT = "PORTAL_PARENT_PID"
PR_SET_PDEATHSIG = 1
POLL_SECONDS = 0.5


def die_with_parent() -> None:
    """Arrange that this process is killed when the one that announced itself as parent dies; else do nothing."""
    parent = os.environ.get(PARENT)
    if not parent:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=watch_parent, args=(int(parent),), daemon=True).start()
    if os.getppid() != int(parent):
        os._exit(1)


def announce_parent() -> None:
    """Tell the processes that this one will start who their parent is."""
    os.environ[PARENT] = str(os.getpid())


def watch_parent(parent: int) -> None:
    """End this process when its parent is another one: what systems without a death signal get."""
    while os.getppid() == parent:
        time.sleep(POLL_SECONDS)
    os._exit(1)


def lives(process: psutil.Process) -> bool:
    """Return whether a process is there and not just waiting to be noticed as dead."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
