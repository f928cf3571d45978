"""The load generator: processes with threads, each thread a client that acts as often as it can for a while.

The same generator drives HTTP requests and bare SQL, so that their ratio does not depend on it. A generator that is
busy all the time is itself the limit, and the result says so.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from typing import Any

# One act, and what makes it for one client from its number, inside the generator's process.
Act = Callable[[], None]
MakeAct = Callable[[int], Act]
PROCESSES = 2
# The threads of a process share one interpreter: together they cannot do more than one processor's work.
BUSY = 0.85


@dataclass(frozen=True)
class Rate:
    """Acts per second of so many clients, their median time, and the share of a processor the generator took."""

    clients: int
    per_second: float
    median_milliseconds: float
    generator_share: float

    @property
    def generator_limits(self) -> bool:
        """Tell whether the generator could hardly have done more."""
        return self.generator_share > BUSY


def rate(make_act: MakeAct, clients: int, seconds: float) -> Rate:
    """Let so many clients act for so many seconds; raises RuntimeError where an act fails."""
    context = multiprocessing.get_context("fork")
    processes = min(PROCESSES, clients)
    barrier: Barrier = context.Barrier(processes)
    answers: SimpleQueue[Any] = context.SimpleQueue()
    numbers = [range(clients)[index::processes] for index in range(processes)]
    running = [context.Process(target=_generate, args=(make_act, own, seconds, barrier, answers)) for own in numbers]
    for process in running:
        process.start()
    results = [answers.get() for _ in running]
    for process in running:
        process.join()
    if failures := [result for result in results if isinstance(result, str)]:
        raise RuntimeError("; ".join(failures))
    took = sorted(moment for moments, _, _ in results for moment in moments)
    return Rate(
        clients,
        per_second=sum(len(moments) / elapsed for moments, _, elapsed in results),
        median_milliseconds=took[len(took) // 2] * 1000 if took else float("nan"),
        generator_share=max(share for _, share, _ in results),
    )


def _generate(make_act: MakeAct, numbers: range, seconds: float, barrier: Barrier, answers: SimpleQueue[Any]) -> None:
    """Be one process of the generator: answer the time of every act, the share of a processor, and the time in all."""
    try:
        acts = [make_act(number) for number in numbers]
        barrier.wait(60)
        begun, used = time.perf_counter(), time.process_time()
        took: list[float] = []
        failures: list[str] = []
        threads = [threading.Thread(target=_act, args=(act, begun + seconds, took, failures)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - begun
        answers.put(failures[0] if failures else (took, (time.process_time() - used) / elapsed, elapsed))
    except Exception as error:  # noqa: BLE001 - told by the process that waits
        barrier.abort()
        answers.put(repr(error))


def _act(act: Act, until: float, took: list[float], failures: list[str]) -> None:
    try:
        while (before := time.perf_counter()) < until:
            act()
            took.append(time.perf_counter() - before)
    except Exception as error:  # noqa: BLE001 - told by the process that waits
        failures.append(repr(error))
