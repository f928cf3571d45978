"""A killed process takes those it started with it, with the system's help or without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from registry_portal import lifeline
from tests.e2e.conftest import wait_until
from tests.infrastructure.test_supervisor import alive

ROOT = Path(__file__).resolve().parents[2]
CHILD = "import os, time; from registry_portal import lifeline; {}; print(os.getpid(), flush=True); time.sleep(60)"
PARENT = """
import subprocess, sys, time
from registry_portal import lifeline
lifeline.announce_parent()
subprocess.Popen([sys.executable, "-c", sys.argv[1]])
time.sleep(60)
"""
WITHOUT_HELP = "import threading; threading.Thread(target=lifeline.watch_parent, args=(os.getppid(),)).start()"


@pytest.mark.parametrize("way", ["lifeline.die_with_parent()", WITHOUT_HELP], ids=["system", "portable"])
def test_child_dies_with_its_killed_parent(way: str) -> None:
    command = [sys.executable, "-c", PARENT, CHILD.format(way)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        assert alive(child)
        parent.kill()
        assert wait_until(lambda: not alive(child), 10)


def test_child_whose_parent_is_gone_already_does_not_stay() -> None:
    code = "from registry_portal import lifeline; lifeline.die_with_parent()"
    variables = {**os.environ, lifeline.PARENT: "1"}
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables, check=False).returncode == 1
