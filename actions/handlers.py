"""The custom actions. Each reads the tracker, composes a reply and sends it; the same classes serve the action server and the service.

To Handrail's own channel the reply goes as structure; to any other Rasa channel as text and buttons.
"""

from __future__ import annotations

import functools
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.compose import Composer, load_composer, utc_now
from actions.finder import finder_reply, load_finder
from bot.reply import Reply
from bot.safe_answers import WHO_OF, offering_help
from bot.safety import Kind, Risk, RiskLevel, Subject

OWN_CHANNEL = "handrail"
NOT_WHAT_WAS_NEEDED = {"out-of-scope", "not-helped"}
MENTION = "service_mention"
ALSO_MEANT = 0.15
CLEAR = 0.6
NOT_BESIDE_DANGER = {"oh-ill-health-retirement"}  # what wishing to die may sound like, and the last thing to offer then
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


def clearly_asked(tracker: Tracker) -> bool:
    """Whether the latest message asks for something, with little doubt what."""
    return float((tracker.latest_message.get("intent") or {}).get("confidence") or 0) >= CLEAR


def entity(tracker: Tracker, name: str) -> str | None:
    """The last value of entity `name` in the latest message."""
    values = [found["value"] for found in tracker.latest_message.get("entities", []) if found.get("entity") == name]
    return str(values[-1]) if values else None


class SafeAction(Action):
    """An action whose reply is made by `answer`, and kept safe here: doubt is asked about, and help is always offered.

    After a risk answer the conversation stays careful. `risk_turn` is "asked" when the last reply asked who is meant, "safe:" and
    a subject when it asked whether they are safe, "told" when it was a risk answer, else empty.
    """

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        careful = bool(tracker.get_slot("careful"))
        level = RiskLevel(entity(tracker, "risk_level") or RiskLevel.NONE)
        last = str(tracker.get_slot("risk_turn") or "")
        about = entity(tracker, "about")
        reassurance = entity(tracker, "reassurance")
        all_well = reassurance == "yes"
        if last == "asked" and not Risk(level).urgent and about:
            reply, events = risk_reply(tracker, Subject(about))
        elif (last or (careful and not clearly_asked(tracker))) and reassurance == "no":
            reply, events = risk_reply(tracker, Subject(last.removeprefix("safe:")) if ":" in last else Subject.SELF)
        elif last.startswith("safe:") and not all_well and intent_of(tracker) == "deny":
            reply, events = risk_reply(tracker, Subject(last.removeprefix("safe:")))
        elif careful and (all_well or self._all_well_by(intent_of(tracker), last)):
            reply, events = composer().safe.accepted(), [SlotSet("risk_turn", "told")]
        elif careful and level is RiskLevel.CONCERN:
            reply, events = risk_reply(tracker, risk_of(tracker).subject)
        else:
            reply, events = self.answer(tracker)
            risk_turn: str | None = None
            if level is RiskLevel.CONCERN:
                reply = composer().safe.concern(risk_of(tracker), reply, utc_now())
                risk_turn = f"safe:{risk_of(tracker).subject.value}"
                events = [*events, SlotSet("careful", True)]
            if all(event.get("name") != "risk_turn" for event in events):
                events = [*events, SlotSet("risk_turn", risk_turn)]
        now_careful = careful or level is not RiskLevel.NONE or any(event.get("name") == "careful" for event in events)
        send(dispatcher, tracker, offering_help(reply, first=now_careful))
        return events

    @staticmethod
    def _all_well_by(intent: str, last: str) -> bool:
        """ "No" after a risk answer says that all is well; after "are you safe?" only "yes" does."""
        return (last == "told" and intent in ("deny", "helped")) or (last.startswith("safe:") and intent == "affirm")

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        """The reply, and what to remember of it."""
        raise NotImplementedError


def risk_of(tracker: Tracker) -> Risk:
    """The risk that RiskDetector saw in the latest message."""
    kind = entity(tracker, "risk_kind") or tracker.get_slot("risk_kind_told")
    level = RiskLevel(entity(tracker, "risk_level") or RiskLevel.HIGH)
    subject = Subject(entity(tracker, "risk_subject") or Subject.UNKNOWN)
    return Risk(level, subject, Kind(kind) if kind else None)


def risk_reply(tracker: Tracker, subject: Subject) -> tuple[Reply, Events]:
    """The risk answer about `subject`; asks who is meant once only. What else the person came for is offered too."""
    risk = replace(risk_of(tracker), subject=subject)
    risk = risk if risk.urgent else replace(risk, level=RiskLevel.HIGH)
    asks = subject is Subject.UNKNOWN and not tracker.get_slot("careful")
    ranking = tracker.latest_message.get("intent_ranking") or []
    likely = [str(one["name"]) for one in ranking if float(one["confidence"]) >= ALSO_MEANT]
    likely = [name for name in likely if name not in NOT_BESIDE_DANGER]
    for_writer = subject in (Subject.SELF, Subject.UNKNOWN)
    topics = [choice for name in likely if for_writer and (choice := composer().service_choice(name))][:2]
    reply = composer().safe.risk(risk, utc_now(), ask_who=asks, topics=topics)
    events = [SlotSet("failures", 0), SlotSet("careful", True), SlotSet("risk_turn", "asked" if asks else "told")]
    events.append(SlotSet("service", "eap-helpline"))
    return reply, [*events, SlotSet("risk_kind_told", risk.kind.value if risk.kind else None)]


class ActionSignpost(SafeAction):
    """Shows the service that the intent asks for, and that of a second need in the same message."""

    def name(self) -> str:
        return "action_signpost"

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        intent = intent_of(tracker)
        found = composer().directory.find(intent)
        reply = composer().signpost(intent, utc_now(), also=entity(tracker, "also_needed"))
        return reply, [SlotSet("service", found[0].id if found else None), SlotSet("failures", 0)]


class ActionAnswerQuestion(SafeAction):
    """Answers a question about the service that the message names, or that was shown last."""

    def name(self) -> str:
        return "action_answer_question"

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        service = entity(tracker, MENTION) or tracker.get_slot("service")
        reply = composer().question(intent_of(tracker), service, utc_now())
        return reply, [SlotSet("service", service), SlotSet("failures", 0)]


class ActionSmallTalk(SafeAction):
    """Greets, thanks, and says what the assistant is and cannot do."""

    def name(self) -> str:
        return "action_small_talk"

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        intent = intent_of(tracker)
        failures = failures_so_far(tracker) + 1 if intent in NOT_WHAT_WAS_NEEDED else 0
        reply = composer().small_talk(intent)
        if failures > 1:
            more = composer().clarify([], failures, utc_now())
            reply = more.model_copy(update={"answers": [*reply.answers, *more.answers]})
        if intent == "oh-or-eap":
            return reply, [SlotSet("service", "eap-helpline"), SlotSet("failures", 0)]
        return reply, [SlotSet("failures", failures)]


class ActionMenu(SafeAction):
    """Shows the families, or the services of one family."""

    def name(self) -> str:
        return "action_menu"

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        family = intent_of(tracker).removeprefix("menu").removeprefix("-")
        reply = composer().family_menu(family) if family else composer().safe.menu()
        return reply, [SlotSet("failures", 0)]


class ActionFind(SafeAction):
    """The guided finder: who is it for, then what is it about."""

    def name(self) -> str:
        return "action_find"

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        finder = load_finder(Path(os.environ.get("HANDRAIL_DATA", "data")))
        return finder_reply(composer(), finder, intent_of(tracker)), [SlotSet("failures", 0)]


class ActionHelpNow(SafeAction):
    """People to reach now."""

    def name(self) -> str:
        return "action_help_now"

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        return composer().talk_to_human(utc_now()), [SlotSet("service", "eap-helpline"), SlotSet("failures", 0)]


class ActionRisk(SafeAction):
    """The safe answer when someone may be in danger, or when it was chosen who is meant."""

    def name(self) -> str:
        return "action_risk"

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        chosen = WHO_OF.get(f"/{intent_of(tracker)}")
        return risk_reply(tracker, chosen or risk_of(tracker).subject)


class ActionClarify(SafeAction):
    """Offers the likeliest needs; after two failures in a row the menu and people to ring."""

    def name(self) -> str:
        return "action_clarify"

    def answer(self, tracker: Tracker) -> tuple[Reply, Events]:
        failures = failures_so_far(tracker) + 1
        ranking = [str(found["name"]) for found in tracker.latest_message.get("intent_ranking", [])]
        return composer().clarify(ranking, failures, utc_now()), [SlotSet("failures", failures)]


class ActionStartAgain(Action):
    """Forgets what was said."""

    def name(self) -> str:
        return "action_start_again"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        reply = composer().safe.menu("restart").model_copy(update={"answers": ["restart"]})
        send(dispatcher, tracker, offering_help(reply, first=False))
        return [AllSlotsReset()]


ACTIONS: list[type[Action]] = [
    ActionSignpost, ActionAnswerQuestion, ActionSmallTalk, ActionMenu, ActionFind, ActionHelpNow, ActionRisk, ActionClarify,
    ActionStartAgain,
]  # fmt: skip
