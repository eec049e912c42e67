"""Puts the parts together for every command: checked data, a trained model, the engine and the conversation."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from actions.compose import load_composer
from bot.conversation import Conversation
from bot.safety import load_assessor
from bot.sessions import SessionStore
from bot.settings import Settings

console = Console(file=sys.__stderr__)


@dataclass
class Service:
    """A running assistant."""

    conversation: Conversation
    sessions: SessionStore
    settings: Settings


def ensure_model(settings: Settings) -> Path:
    """The trained model; trains with a progress bar when the sources have changed."""
    from bot.runtime.training import current_model, train_model

    model = current_model(settings.models)
    if model is not None:
        return model
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        progress.add_task("Learning the phrases (first start only, about a minute)", total=None)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            return train_model(settings.models)


def keep_sweeping(sweeps: Sequence[Callable[[], None]], every_seconds: float = 30) -> None:
    """Call `sweeps` for as long as the process lives, so that a quiet night does not keep an idle conversation."""

    def forever() -> None:
        while True:
            time.sleep(every_seconds)
            for sweep in sweeps:
                sweep()

    threading.Thread(target=forever, name="handrail-sweep", daemon=True).start()


def start_service(settings: Settings | None = None) -> Service:
    """Check the data, train when needed, and load. Raises DataFileError when a data file is wrong."""
    from bot.runtime import quiet

    quiet.prepare()
    settings = settings or Settings()
    composer = load_composer(settings.data)
    assessor = load_assessor(settings.data)
    model = ensure_model(settings)
    from actions.handlers import ACTIONS
    from bot.runtime.engine import Engine

    idle = settings.idle_minutes * 60
    engine = Engine(model, ACTIONS, idle)
    conversation = Conversation(engine, assessor, composer.safe, turn_seconds=settings.turn_seconds)
    sessions = SessionStore(idle)
    keep_sweeping([sessions.sweep, engine.trackers.sweep])
    return Service(conversation, sessions, settings)
