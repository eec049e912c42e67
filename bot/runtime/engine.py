"""Rasa's Agent in a thread of its own, with the custom actions called in the same process.

A thread with its own event loop keeps a slow or hanging Rasa away from whoever waits for the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.lock_store import InMemoryLockStore
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor

from bot.runtime.trackers import ExpiringTrackerStore

CHANNEL = "handrail"


_SCHEMA = RemoteAction.action_response_format_spec()
_ACTION_RESULT = validator_for(_SCHEMA)(_SCHEMA)


def _check_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Check what an action gives back. Raises jsonschema.ValidationError.

    Rasa's own check compiles its schema anew for each action, which was three quarters of a turn (bench/figures.py).
    """
    _ACTION_RESULT.validate(result)
    return True


class InProcessActions(EndpointConfig):
    """Stands where Rasa expects the action server's address and runs the actions directly."""

    def __init__(self, actions: list[type[Action]]) -> None:
        super().__init__(url="in-process")
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)

    async def request(self, method: str = "post", **kwargs: Any) -> Any:
        return await self._executor.run(kwargs["json"])


@dataclass(frozen=True)
class Turn:
    """What the dialogue engine made of one message. `ranking` is [(intent, confidence)], best first."""

    replies: list[dict[str, Any]]
    intent: str
    confidence: float
    ranking: list[tuple[str, float]] = field(default_factory=list)


WARM_UP, WARM_UP_SECONDS = "hello", 60


class Engine:
    """Loads a model and answers messages. `close()` stops its thread."""

    def __init__(self, model: Path, actions: list[type[Action]], idle_seconds: float) -> None:
        RemoteAction._validate_action_result = _check_action_result
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="handrail-engine", daemon=True)
        self._thread.start()
        self.trackers = ExpiringTrackerStore(idle_seconds)
        endpoint = InProcessActions(actions)
        self._agent: Agent = self._submit(self._load(model, endpoint)).result()
        self._warm_up()

    def _warm_up(self) -> None:
        """One turn that nobody sees: what is only loaded at the first turn must not make a person at risk wait."""
        with contextlib.suppress(Exception):
            self.respond("warm-up", WARM_UP).result(timeout=WARM_UP_SECONDS)
        self.forget("warm-up")

    async def _load(self, model: Path, endpoint: EndpointConfig) -> Agent:
        agent = Agent(tracker_store=self.trackers, lock_store=InMemoryLockStore(), action_endpoint=endpoint)
        agent.load_model(model)
        return agent

    def _submit(self, work: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def respond(self, conversation: str, message: str) -> Future[Turn]:
        """Answer `message` (text, or a payload that starts with '/') in `conversation`."""
        return self._submit(self._respond(conversation, message))

    async def _respond(self, conversation: str, message: str) -> Turn:
        channel = CollectingOutputChannel()
        await self._agent.handle_message(UserMessage(message, channel, conversation, input_channel=CHANNEL))
        tracker = await self.trackers.retrieve(conversation)
        latest = tracker.latest_message if tracker else None
        parsed = latest.parse_data if latest else {}
        intent = parsed.get("intent") or {}
        ranking = [(str(one["name"]), float(one["confidence"])) for one in parsed.get("intent_ranking") or []]
        return Turn(channel.messages, str(intent.get("name")), float(intent.get("confidence") or 0.0), ranking)

    def forget(self, conversation: str) -> None:
        """Remove a conversation from memory."""
        self.trackers.forget(conversation)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
