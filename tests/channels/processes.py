"""Real processes: `handrail` as operators run it, and a Redis server."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until `true` says so."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.01)


@dataclass
class Running:
    """A process and the file that holds all it printed."""

    process: subprocess.Popen[bytes]
    output: Path

    def waits_for(self, words: str, seconds: float = 300) -> None:
        until = time.monotonic() + seconds
        while words not in self.output.read_text():
            assert self.process.poll() is None, self.output.read_text()[-2000:]
            assert time.monotonic() < until, f"{words!r} was never printed"
            time.sleep(0.05)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=15)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=30)


@contextlib.contextmanager
def handrail(*arguments: str, output: Path, **settings: str) -> Iterator[Running]:
    """`handrail ...` in a process of its own, with `settings` in its environment."""
    command = [sys.executable, "-m", "cli.main", *arguments]
    with output.open("ab") as file:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}, stdout=file, stderr=file)
    running = Running(process, output)
    try:
        yield running
    finally:
        if process.poll() is None:
            running.stop()


@dataclass
class RedisServer:
    """A Redis of its own, that writes everything to disk when `folder` is where it keeps things."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--dir", str(self.folder), "--appendonly", "yes"]
        self.process = subprocess.Popen(
            [*command, "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 15
        while time.monotonic() < until:
            with contextlib.suppress(RedisError):
                if Redis.from_url(self.url).ping():
                    return
            time.sleep(0.05)
        raise AssertionError("redis-server did not start")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(timeout=15)
            self.process = None


@contextlib.contextmanager
def redis_in(folder: Path) -> Iterator[RedisServer]:
    """A running Redis server. Skips the test where there is none, unless HANDRAIL_TEST_REDIS=required."""
    if shutil.which("redis-server") is None and os.environ.get("HANDRAIL_TEST_REDIS") != "required":
        pytest.skip("redis-server is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    server = RedisServer(free_port(), folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
