"""Prints the figures that the README gives: `uv run python bench/figures.py`.

Times differ between machines. The time of a turn, and of assessing risk, also come as a ratio within the run.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from bot.conversation import Message
from bot.nlu.encoder import shared_encoder
from bot.safety import load_assessor
from cli.evaluation import evaluate_understanding, read_examples
from cli.service import start_service

HELD_OUT = Path("tests/understanding")


def install_megabytes() -> float:
    """Size of a fresh environment without development tools, in MB (1,000,000 bytes of files)."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": f"{folder}/env", "UV_LINK_MODE": "copy"}
        subprocess.run(["uv", "sync", "--quiet", "--locked", "--no-dev"], check=True, env=environment)
        files = (path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink())
        return sum(path.stat().st_size for path in files) / 1e6


def seconds_of(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    handrail = str(Path(sys.executable).with_name("handrail"))
    print(f"{date.today()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, {platform.machine()}")
    print(f"environment without development tools: {install_megabytes():.0f} MB")
    service = start_service()
    print(f"start to first answer, model trained: {seconds_of([handrail, 'try', 'need a physio']):.1f} s")
    sentences = [example.text for example in read_examples(HELD_OUT)]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join((sentences * 2)[:1000]))
        file.flush()
        print(f"handrail try --file, 1,000 lines: {seconds_of([handrail, 'try', '--file', file.name]):.1f} s")
    token, session = service.sessions.create()
    encoder = shared_encoder()
    turns, encodings = [], []
    for sentence in sentences[:200]:
        began = time.perf_counter()
        service.conversation.receive(session, Message(text=sentence))
        middle = time.perf_counter()
        encoder.encode([sentence])
        turns.append(middle - began)
        encodings.append(time.perf_counter() - middle)
    service.conversation.forget(session)
    service.sessions.forget(token)
    ratio = statistics.median(turns) / statistics.median(encodings)
    print(f"p50 of a turn: {statistics.median(turns) * 1000:.0f} ms, {ratio:.1f} times encoding the sentence")
    assessor = load_assessor(Path("data"))
    words, unbroken = (" rota" * 400)[:2000], "ab" * 1000
    began = time.perf_counter()
    assessor.assess(words)
    middle = time.perf_counter()
    assessor.assess(unbroken)
    ratio = (time.perf_counter() - middle) / (middle - began)
    print(f"risk in 2,000 characters without a space: {ratio:.2f} times the same in words")
    print(evaluate_understanding(service, HELD_OUT).as_text(5))


if __name__ == "__main__":
    main()
