"""Puts the parts together for every command: checked data, a trained model, the engine and the conversation."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from actions.compose import load_composer
from bot.conversation import Conversation
from bot.safety import load_assessor
from bot.sessions import SessionStore
from bot.settings import Settings
from bot.yaml_files import DataFileError, problem, read_yaml

if TYPE_CHECKING:
    from bot.channels.telegram.channel import Count
    from bot.channels.telegram.runner import Telegram
    from bot.runtime.engine import Engine

console = Console(file=sys.__stderr__)
logger = logging.getLogger("handrail.service")
WEBHOOK = "/webhooks/telegram"
MAY_BE_DANGER = {"eap-personal-domestic-abuse", "care-acct", "care-deaths-and-postvention", "help-now", "talk-to-human"}


@dataclass
class Service:
    """A running assistant."""

    conversation: Conversation
    sessions: SessionStore
    settings: Settings


def learn_risk(data: Path) -> bool:
    """Learn the risk classifier again when its example sentences have changed; says whether it did.

    When the file cannot be written, the one that is there stays in use.
    """
    from bot.safety.classifier import FILE, SignClassifier, digest_of

    file = data / "safety" / FILE
    try:
        if SignClassifier.load(file).digest == digest_of(data):
            return False
    except (OSError, KeyError, ValueError):
        pass
    from bot.safety.encoder import risk_encoder
    from bot.safety.examples import ADDED, EXAMPLES, read_examples
    from bot.safety.learning import learn

    examples, added = (read_examples(data / "safety" / folder) for folder in (EXAMPLES, ADDED))
    if len({example.at_risk for example in examples}) < 2:
        where = data / "safety" / EXAMPLES
        what = "there must be sentences at risk and sentences that are not"
        raise DataFileError([problem(where, 1, what, "put the files back from version control")])
    console.print("Learning the signs of risk (three or four minutes)")
    assessor = load_assessor(data)
    everyday = [phrase for phrase in everyday_phrases(data) if not assessor.sign_in_words(phrase)]
    classifier = learn(examples, everyday, assessor.reader, risk_encoder(data).encode, digest_of(data), added)
    try:
        classifier.save(file)
    except OSError as error:
        logger.error("risk_classifier_not_saved kind=%s", type(error).__name__)
        return False
    load_assessor.cache_clear()
    return True


def everyday_phrases(data: Path) -> list[str]:
    """The training phrases of needs that do not come with danger."""
    found = []
    for file in sorted((data / "nlu").glob("*.yml")):
        for entry in read_yaml(file)["nlu"]:
            if entry["intent"] not in MAY_BE_DANGER:
                found += [line.strip().removeprefix("- ") for line in entry["examples"].splitlines()]
    return [phrase for phrase in found if phrase]


def ensure_model(settings: Settings) -> Path:
    """The trained model; trains with a progress bar when the sources have changed."""
    from bot.runtime.training import current_model, train_model

    learn_risk(settings.data)
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


def load_engine(settings: Settings) -> Engine:
    """The dialogue engine; a model file that is damaged is made again, once. Raises whatever makes that impossible."""
    from actions.handlers import ACTIONS
    from bot.runtime.engine import Engine

    model = ensure_model(settings)
    idle = settings.idle_minutes * 60
    try:
        return Engine(model, ACTIONS, idle)
    except Exception as error:
        console.print(f"The model {model.name} cannot be read ({type(error).__name__}). It is made again.")
        model.unlink(missing_ok=True)
        return Engine(ensure_model(settings), ACTIONS, idle)


def prepare_service(settings: Settings | None = None) -> Service:
    """Check the data and be ready for safe answers, without the dialogue engine. Raises DataFileError when data is wrong."""
    from bot.runtime import quiet

    quiet.prepare()
    settings = settings or Settings()
    composer = load_composer(settings.data)
    conversation = Conversation(None, load_assessor(settings.data), composer.safe, turn_seconds=settings.turn_seconds)
    sessions = SessionStore(settings.idle_minutes * 60)
    return Service(conversation, sessions, settings)


def attach_engine(service: Service) -> None:
    """Load the engine and give it to the conversation. Raises whatever `load_engine` raises."""
    engine = load_engine(service.settings)
    service.conversation.assessor = load_assessor(service.settings.data)
    service.conversation.engine = engine
    keep_sweeping([service.sessions.sweep, engine.trackers.sweep])


def telegram_of(service: Service, count: Count | None = None) -> Telegram | None:
    """Telegram, or None when there is no bot token. Raises DataFileError for a webhook that Telegram would not call."""
    if service.settings.telegram_token is None:
        return None
    webhook = service.settings.telegram_webhook
    own_api = service.settings.telegram_api != Settings.model_fields["telegram_api"].default
    if webhook and not (
        webhook.startswith(("https://", "http://") if own_api else "https://") and webhook.endswith(WEBHOOK)
    ):
        what = f"HANDRAIL_TELEGRAM_WEBHOOK must start with https:// and end in {WEBHOOK}"
        raise DataFileError([f"{what}. See docs/telegram.md."])
    from bot.channels.telegram.runner import Telegram

    return Telegram(service.settings, service.conversation, service.sessions, count)


def start_service(settings: Settings | None = None) -> Service:
    """Check the data, train when needed, and load. Raises DataFileError when a data file is wrong."""
    service = prepare_service(settings)
    attach_engine(service)
    return service


def attach_engine_later(service: Service, ready: Callable[[], None]) -> threading.Thread:
    """Load the engine while people are already given safe answers; `ready` is called when it is there."""

    def load() -> None:
        try:
            attach_engine(service)
        except Exception as error:
            cure = "`handrail train` shows why. People are given safe answers and people to ring meanwhile."
            logger.error("engine_not_loaded kind=%s", type(error).__name__)
            console.print(f"The dialogue engine could not be loaded ({type(error).__name__}). {cure}")
            return
        ready()

    thread = threading.Thread(target=load, name="handrail-load", daemon=True)
    thread.start()
    return thread
