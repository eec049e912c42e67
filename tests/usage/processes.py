"""Processes that count, are told that nothing arrived when it did, close together, and are killed.

`python -m tests.usage.processes NAME ADDRESS` does one of these and prints what happened as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import OperationalError

from api.database.engine import open_engine
from api.usage import closing, recorder
from api.usage.recorder import UsageRecorder
from api.usage.rules import Rules
from api.usage.store import UsageStore
from tests.usage.people import a_session, signposted
from tests.usage.small import small_catalogue
from tests.usage.world import LATER, NOW, SIZES

CATALOGUE = small_catalogue()
LARGE = [name for name, (_, staff) in SIZES.items() if staff >= 100]


def forked(work: Callable[[Any], None]) -> tuple[int, Any]:
    """A process that does `work(pipe)`: its id, and what it writes to the pipe."""
    read, write = os.pipe()
    process = os.fork()
    if process:
        os.close(write)
        return process, os.fdopen(read)
    os.close(read)
    try:
        with os.fdopen(write, "w") as pipe:
            work(pipe)
        os._exit(0)
    except BaseException as error:
        print(type(error).__name__, error, file=sys.stderr)
        os._exit(1)


class AnswerIsLost(UsageStore):
    """Adds, and in 30 of 100 cases the process is not told so."""

    lost = 0

    def add(self, *arguments: Any) -> bool:
        added = super().add(*arguments)
        if random.random() < 0.3:
            self.lost += 1
            raise OperationalError("the answer was lost", None, Exception())
        return added


def eight(address: str) -> dict[str, Any]:
    """Eight processes count at once."""
    UsageStore(address, CATALOGUE).dispose()
    recorder.UsageStore = AnswerIsLost  # type: ignore[misc]

    def work(pipe: Any) -> None:
        random.seed(os.getpid())
        usage, counted = UsageRecorder(address, CATALOGUE, now=lambda: NOW), Counter[str]()
        failed = 0
        for _ in range(50):
            for site in random.choices(LARGE, k=3):
                usage.record(a_session(site), signposted(), "web")
                counted[site] += 1
            failed += not usage.flush()
        while not usage.flush():
            failed += 1
        lost = usage._store.lost  # type: ignore[union-attr]
        pipe.write(json.dumps({"counted": counted, "lost": lost, "failed": failed}))

    running = [forked(work) for _ in range(8)]
    results = [json.loads(pipe.read()) for _, pipe in running]
    total = sum((Counter(one["counted"]) for one in results), Counter[str]())
    return {
        "counted": total,
        "lost": sum(one["lost"] for one in results),
        "other_failures": sum(one["failed"] - one["lost"] for one in results),
        "statuses": [os.waitpid(process, 0)[1] for process, _ in running],
    }


def killed(address: str) -> dict[str, Any]:
    """Ten processes, one after the other, that are killed while they count. Each says what it counted and what it added."""
    UsageStore(address, CATALOGUE).dispose()
    counted, added = [], []

    def work(pipe: Any) -> None:
        usage = UsageRecorder(address, CATALOGUE, now=lambda: NOW)
        usage.flush()
        count = 0
        while True:
            for _ in range(20):
                count += 1
                pipe.write(f"counted {count}\n")
                pipe.flush()
                usage.record(a_session("ashby"), signposted(), "web")
            usage.flush()
            pipe.write(f"added {count}\n")
            pipe.flush()

    for _ in range(10):
        process, pipe = forked(work)
        pipe.readline()
        time.sleep(random.uniform(0.05, 0.3))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        said = [line.split() for line in pipe if line.endswith("\n")]
        counted.append(max((int(line[1]) for line in said if line[0] == "counted"), default=1))
        added.append(max((int(line[1]) for line in said if line[0] == "added"), default=0))
    return {"counted": counted, "added": added}


def close_at_once(address: str) -> dict[str, Any]:
    """Six processes close what has ended, at once."""

    def work(pipe: Any) -> None:
        closed = closing.close_ended(open_engine(address), LATER, Rules())
        pipe.write(json.dumps([f"{table.value} {period}" for table, period in closed]))

    running = [forked(work) for _ in range(6)]
    closed = [one for _, pipe in running for one in json.loads(pipe.read())]
    return {"closed": closed, "statuses": [os.waitpid(process, 0)[1] for process, _ in running]}


def killed_closing(address: str) -> dict[str, Any]:
    """One process that dies after the noise is written and before the exact counts are deleted."""

    def die(*_: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def work(_: Any) -> None:
        closing._delete_exact = die  # type: ignore[assignment]
        closing.close_ended(open_engine(address), LATER, Rules())

    process, _ = forked(work)
    return {"signal": os.waitpid(process, 0)[1]}


def killed_at_random(address: str) -> dict[str, Any]:
    """Processes that close everything and are killed at any moment, until one gets to the end."""

    def work(_: Any) -> None:
        closing.close_ended(open_engine(address), LATER, Rules())

    kills, wait = 0, 0.02
    while True:
        process, _ = forked(work)
        time.sleep(wait)
        os.kill(process, signal.SIGKILL)
        if os.waitpid(process, 0)[1] == 0:
            return {"kills": kills}
        kills, wait = kills + 1, wait * 1.25


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](sys.argv[2])))
