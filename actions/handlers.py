"""The custom actions. Each reads the tracker, composes a reply and sends it; the same classes serve the action server and the service.

To Handrail's own channel the reply goes as structure; to any other Rasa channel as text and buttons.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.compose import Composer, load_composer, utc_now
from bot.reply import Reply
from bot.safety import Risk, RiskLevel, Subject

OWN_CHANNEL = "handrail"
NOT_WHAT_WAS_NEEDED = {"out-of-scope", "not-helped"}
MENTION = "service_mention"
Events = list[dict[str, Any]]


@functools.cache
def composer() -> Composer:
    """The composer over HANDRAIL_DATA (default: data)."""
    return load_composer(Path(os.environ.get("HANDRAIL_DATA", "data")))


def failures_so_far(tracker: Tracker) -> int:
    """How many turns in a row did not help."""
    return int(tracker.get_slot("failures") or 0)


def send(dispatcher: CollectingDispatcher, tracker: Tracker, reply: Reply) -> None:
    """Send `reply` in the form that the tracker's channel takes."""
    if tracker.get_latest_input_channel() == OWN_CHANNEL:
        dispatcher.utter_message(json_message={"handrail": reply.model_dump()})
        return
    buttons = [{"title": choice.label, "payload": choice.payload} for choice in reply.choices]
    dispatcher.utter_message(text=reply.as_text(with_choices=False), buttons=buttons)


def intent_of(tracker: Tracker) -> str:
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def entity(tracker: Tracker, name: str) -> str | None:
    """The last value of entity `name` in the latest message."""
    values = [found["value"] for found in tracker.latest_message.get("entities", []) if found.get("entity") == name]
    return str(values[-1]) if values else None


class ActionSignpost(Action):
    """Shows the service that the intent asks for."""

    def name(self) -> str:
        return "action_signpost"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        intent = intent_of(tracker)
        send(dispatcher, tracker, composer().signpost(intent, utc_now()))
        found = composer().directory.find(intent)
        return [SlotSet("service", found[0].id if found else None), SlotSet("failures", 0)]


class ActionAnswerQuestion(Action):
    """Answers a question about the service that the message names, or that was shown last."""

    def name(self) -> str:
        return "action_answer_question"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        service = entity(tracker, MENTION) or tracker.get_slot("service")
        send(dispatcher, tracker, composer().question(intent_of(tracker), service, utc_now()))
        return [SlotSet("service", service), SlotSet("failures", 0)]


class ActionSmallTalk(Action):
    """Greets, thanks, and says what the assistant is and cannot do."""

    def name(self) -> str:
        return "action_small_talk"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        intent = intent_of(tracker)
        failures = failures_so_far(tracker) + 1 if intent in NOT_WHAT_WAS_NEEDED else 0
        reply = composer().small_talk(intent)
        if failures > 1:
            more = composer().clarify([], failures, utc_now())
            reply = more.model_copy(update={"answers": [*reply.answers, *more.answers]})
        send(dispatcher, tracker, reply)
        if intent == "oh-or-eap":
            return [SlotSet("service", "eap-helpline"), SlotSet("failures", 0)]
        return [SlotSet("failures", failures)]


class ActionMenu(Action):
    """Shows the families, or the services of one family."""

    def name(self) -> str:
        return "action_menu"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        intent = intent_of(tracker)
        family = intent.removeprefix("menu").removeprefix("-")
        send(dispatcher, tracker, composer().family_menu(family) if family else composer().safe.menu())
        return [SlotSet("failures", 0)]


class ActionHelpNow(Action):
    """People to reach now."""

    def name(self) -> str:
        return "action_help_now"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        send(dispatcher, tracker, composer().talk_to_human(utc_now()))
        return [SlotSet("service", "eap-helpline"), SlotSet("failures", 0)]


class ActionRisk(Action):
    """The safe answer when someone may be in danger."""

    def name(self) -> str:
        return "action_risk"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        subject = Subject(entity(tracker, "risk_subject") or Subject.UNKNOWN)
        risk = Risk(RiskLevel.HIGH, subject, entity(tracker, "risk_kind"))
        send(dispatcher, tracker, composer().safe.risk(risk, utc_now()))
        return [SlotSet("failures", 0)]


class ActionClarify(Action):
    """Offers the likeliest needs; after two failures in a row the menu and people to ring."""

    def name(self) -> str:
        return "action_clarify"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        failures = failures_so_far(tracker) + 1
        ranking = [str(found["name"]) for found in tracker.latest_message.get("intent_ranking", [])]
        send(dispatcher, tracker, composer().clarify(ranking, failures, utc_now()))
        return [SlotSet("failures", failures)]


class ActionStartAgain(Action):
    """Forgets what was said."""

    def name(self) -> str:
        return "action_start_again"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        reply = composer().safe.menu("restart").model_copy(update={"answers": ["restart"]})
        send(dispatcher, tracker, reply)
        return [AllSlotsReset()]


ACTIONS: list[type[Action]] = [
    ActionSignpost, ActionAnswerQuestion, ActionSmallTalk, ActionMenu, ActionHelpNow, ActionRisk, ActionClarify,
    ActionStartAgain,
]  # fmt: skip
