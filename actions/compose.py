"""Composes replies from the service directory: pure functions of directory, wording and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from bot.directory import ACCESS_WORDS, Access, Directory, Service, Topic, load_directory
from bot.reply import Card, Choice, ContactLine, Reply, Row
from bot.safe_answers import FIND, HELP_NOW, MENU, RESTART, SafeAnswers, contact_lines, helpline_lines, open_word
from bot.wording import Wording, load_wording

QUESTIONS = {
    "ask-confidentiality": ("confidentiality", "Who will know?"),
    "ask-manager": ("manager", "Will my manager know?"),
    "ask-cost": ("cost", "What does it cost?"),
    "ask-hours": ("hours", "When is it open?"),
    "ask-access": ("access", "How do I get it?"),
    "ask-eligibility": ("eligibility", "Who can use it?"),
    "ask-process": ("process", "What happens next?"),
    "ask-sessions": ("sessions", "How many sessions?"),
    "ask-timescale": ("timescale", "How long will it take?"),
    "ask-alternatives": ("alternatives", "Is there anything else?"),
}
SMALL_TALK = {
    "greet": "greeting", "thank": "thanks", "goodbye": "goodbye", "affirm": "affirm", "deny": "deny", "helped": "helped",
    "not-helped": "not-helped", "ask-privacy": "question:privacy", "ask-bot": "question:bot",
    "ask-capabilities": "question:capabilities", "oh-or-eap": "oh-or-eap", "out-of-scope": "out-of-scope",
}  # fmt: skip
SAME_ANSWER_AS = {"ask-manager": ["question:confidentiality"]}


@dataclass(frozen=True)
class Composer:
    """Makes the replies that custom actions send."""

    directory: Directory
    wording: Wording

    @property
    def safe(self) -> SafeAnswers:
        return SafeAnswers(self.directory, self.wording)

    def signpost(self, intent: str, now: datetime, also: str | None = None) -> Reply:
        """The service of `intent` in full, and up to two that belong with it; or, with `also`, the first for each of two needs."""
        found = self.directory.find(intent)
        if found is None:
            return self.safe.menu()
        if also and self.directory.find(also):
            first, second = self.signpost(intent, now), self.signpost(also, now)
            cards = list({card.title: card for card in (first.cards[0], second.cards[0], *first.cards[1:2])}.values())
            shown = {card.id for card in cards}
            given = [name for name in [*first.answers, *second.answers] if name in shown or name.startswith("topic:")]
            answers = list(dict.fromkeys([first.answers[0], second.answers[0], *given]))
            return Reply(
                paragraphs=self.wording.paragraphs("two-needs"), cards=cards, choices=first.choices, answers=answers
            )
        service, topic = found
        beside = [self.directory.services[name] for name in (topic.show_with if topic else service.show_with)]
        cards = [self._topic_card(service, topic, now) if topic else self._card(service, now, full=True)]
        cards += [self._card(other, now, full=False) for other in beside]
        answers = [service.id, *([f"topic:{topic.id}"] if topic else []), *(other.id for other in beside)]
        lead = "This could help." if len(cards) == 1 else "These could help. The first fits best."
        return Reply(paragraphs=[lead], cards=cards, choices=self._next_choices(), answers=answers)

    def question(self, intent: str, service_id: str | None, now: datetime) -> Reply:
        """The answer to a question about `service_id`, or in general when no service is meant."""
        field, label = QUESTIONS[intent]
        answers = [f"question:{field}", *SAME_ANSWER_AS.get(intent, [])]
        service = self.directory.services.get(service_id or "")
        if service is None:
            paragraphs = self.wording.paragraphs(f"general:{field}") + self.wording.paragraphs("no-service")
            some = [
                self.directory.services[name] for name in ("eap-helpline", "eap-counselling", "oh-management-referral")
            ]
            choices = [Choice(label=one.name, payload=f"/{one.id}") for one in some]
            return Reply(paragraphs=paragraphs, choices=[*choices, MENU, HELP_NOW], answers=answers)
        answers.append(service.id)
        choices = self._next_choices(without=intent)
        contacts: list[ContactLine] = []
        if field == "hours":
            text = self._hours(service, now)
        elif field == "access":
            text = " ".join([f"{ACCESS_WORDS[service.access]}.", *service.how_to_reach])
            contacts = contact_lines(self.directory, service)
        elif field == "process":
            text = service.what_happens_next
        elif field == "alternatives":
            others = [self.directory.services[name] for name in [*service.show_with, *service.related]]
            text = "These are near to it." if others else "Here is everything else."
            choices = [Choice(label=other.name, payload=f"/{other.id}") for other in others[:5]] + [MENU, HELP_NOW]
        else:
            text = str(getattr(service, field))
        card = Card(
            id=service.id,
            title=service.name,
            summary=label,
            rows=[Row(label="Answer", text=text)],
            contacts=contacts,
            open_now=self._open(service, now),
        )
        return Reply(cards=[card], choices=choices, answers=answers)

    def small_talk(self, intent: str) -> Reply:
        """Greeting, thanks, what the assistant is, and what it cannot do."""
        key = SMALL_TALK[intent]
        choices = [FIND, MENU, HELP_NOW] if key == "greeting" else [MENU, HELP_NOW]
        if key == "oh-or-eap":
            names = ("eap-helpline", "oh-management-referral", "eap-management-support")
            choices = [Choice(label=self.directory.services[n].name, payload=f"/{n}") for n in names] + choices
        if key == "goodbye":
            choices = [RESTART, HELP_NOW]
        answers = [key, "eap-helpline", "oh-management-referral"] if key == "oh-or-eap" else [key]
        return Reply(paragraphs=self.wording.paragraphs(key), choices=choices, answers=answers)

    def talk_to_human(self, now: datetime) -> Reply:
        """People to ring."""
        reply = self.safe.help_now(now)
        return reply.model_copy(update={"answers": ["talk-to-human", "eap-helpline", *reply.answers]})

    def family_menu(self, family: str) -> Reply:
        """The services of one family as choices."""
        if family not in self.directory.families:
            return self.safe.menu()
        services = [Choice(label=one.name, payload=f"/{one.id}") for one in self.directory.in_family(family)]
        topics = [
            Choice(label=f"{one.name}: {topic.name[0].lower()}{topic.name[1:]}", payload=f"/{one.id}-{topic.id}")
            for one in self.directory.in_family(family)
            for topic in one.topics
        ]
        return Reply(
            paragraphs=[self.directory.families[family].intro],
            choices=[*services, *topics, MENU, HELP_NOW],
            answers=["menu", f"menu:{family}"],
        )

    def clarify(self, intents: Sequence[str], failures: int, now: datetime) -> Reply:
        """Up to three likely needs as choices; after two failures in a row the menu and people to ring instead."""
        likely = [choice for intent in intents if (choice := self.choice_for(intent))][:3]
        if failures >= 2 or not likely:
            return self.safe.menu("fallback" if failures <= 2 else "fallback-again", people=True, now=now)
        something_else = Choice(label="Something else", payload="/menu")
        return Reply(
            paragraphs=self.wording.paragraphs("clarify"),
            choices=[*likely, something_else, HELP_NOW],
            answers=["clarify"],
        )

    def choice_for(self, intent: str) -> Choice | None:
        """A choice that leads to `intent`, or None when people would not choose it by name."""
        if choice := self.service_choice(intent):
            return choice
        if intent in QUESTIONS:
            return Choice(label=QUESTIONS[intent][1], payload=f"/{intent}")
        return None

    def service_choice(self, intent: str) -> Choice | None:
        """A choice of the service or topic of `intent`, or None when it is not one."""
        found = self.directory.find(intent)
        if found is None:
            return None
        service, topic = found
        return Choice(label=topic.name if topic else service.name, payload=f"/{intent}")

    def _next_choices(self, without: str = "") -> list[Choice]:
        asked = ("ask-confidentiality", "ask-process", "ask-cost", "ask-alternatives")
        choices = [Choice(label=QUESTIONS[name][1], payload=f"/{name}") for name in asked if name != without]
        return [*choices, MENU, HELP_NOW]

    def _card(self, service: Service, now: datetime, full: bool) -> Card:
        rows = [Row(label="Who it is for", text=service.who_it_is_for)]
        if full:
            rows.append(Row(label="Use it when", text="; ".join(line.rstrip(".") for line in service.use_when) + "."))
            rows.append(Row(label="Not for", text=" ".join(_sentence(line) for line in service.do_not_use_when)))
        reach = " ".join(service.how_to_reach) if full else service.how_to_reach[0]
        rows.append(Row(label="How to reach it", text=f"{ACCESS_WORDS[service.access]}. {reach}"))
        rows.append(Row(label="Who will know", text=service.confidentiality))
        rows.append(Row(label="When", text=self._hours(service, now)))
        return Card(
            id=service.id,
            title=service.name,
            summary=service.what_it_is,
            rows=rows,
            contacts=contact_lines(self.directory, service),
            open_now=self._open(service, now),
            referral=service.access in (Access.MANAGEMENT_REFERRAL, Access.BOTH),
        )

    def _topic_card(self, service: Service, topic: Topic, now: datetime) -> Card:
        card = self._card(service, now, full=False)
        lines = [line for name in topic.helplines for line in helpline_lines(self.directory.helplines[name])]
        known = {line.value for line in card.contacts}
        contacts = card.contacts + [line for line in lines if line.value not in known]
        title = f"{service.name}: {topic.name}"
        return card.model_copy(update={"title": title, "summary": topic.answer, "contacts": contacts})

    def _open(self, service: Service, now: datetime) -> Literal["open", "closed", "ask"]:
        hours = self.directory.hours_of(service)
        return open_word(hours.is_open(now) if hours else None)

    def _hours(self, service: Service, now: datetime) -> str:
        hours = self.directory.hours_of(service)
        if hours is None:
            return "Your HR team has not added the opening hours yet. Ask when you get in touch."
        words = hours.in_words()
        is_open = hours.is_open(now)
        if is_open is None or hours.always:
            return words
        return f"{'Open now.' if is_open else 'Closed now.'} {words}"


def _sentence(line: str) -> str:
    line = line.strip().rstrip(".")
    return f"{line[0].upper()}{line[1:]}."


def load_composer(data: Path = Path("data")) -> Composer:
    """The composer over the project's data files. Raises DataFileError when one is wrong."""
    return Composer(load_directory(data), load_wording(data))


def utc_now() -> datetime:
    return datetime.now(UTC)
