"""Answers that need no Rasa: the risk answer, "Get help now", the menu, and the apology when something is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.directory import Contact, Directory, Helpline, Service
from bot.reply import Card, Choice, ContactLine, Reply
from bot.safety import Kind, Risk, RiskLevel, Subject
from bot.wording import Wording

HELP_NOW = Choice(label="Get help now", payload="/help-now")
MENU = Choice(label="See everything", payload="/menu")
FIND = Choice(label="Help me choose", payload="/find")
RESTART = Choice(label="Start again", payload="/start-again")
WHO = {
    subject: Choice(label=label, payload=f"/risk-about-{subject.value}")
    for subject, label in {
        Subject.SELF: "It is about me",
        Subject.COLLEAGUE: "Someone at work",
        Subject.CUSTODY: "Someone in prison",
        Subject.PROBATION: "Someone on probation",
        Subject.FAMILY: "Family, a friend or a child",
    }.items()
}
WHO_OF: dict[str | None, Subject] = {choice.payload: subject for subject, choice in WHO.items()}
FOR_SELF = ("nhs-111-mental-health", "samaritans", "shout")


@dataclass(frozen=True)
class SafeAnswers:
    """Composes the answers that must never fail, from the directory and the wording alone."""

    directory: Directory
    wording: Wording

    def risk(self, risk: Risk, now: datetime, ask_who: bool = True, topics: Sequence[Choice] = ()) -> Reply:
        """The full answer for `risk`, by who may be in danger; `topics` are what else the person came for.

        When it is not known who, it answers for the writer first and, with `ask_who`, asks.
        """
        paragraphs = self.wording.paragraphs(_wording_of(risk))
        if risk.level is RiskLevel.EMERGENCY and risk.subject is not Subject.CUSTODY and risk.kind is not Kind.MEDICAL:
            paragraphs = self.wording.paragraphs("risk:emergency") + paragraphs
        choices = [HELP_NOW]
        if risk.subject is Subject.UNKNOWN and ask_who:
            paragraphs = paragraphs + self.wording.paragraphs("risk:who")
            choices += WHO.values()
        else:
            paragraphs = paragraphs + self.wording.paragraphs("risk:after")
        if risk.subject in (Subject.CUSTODY, Subject.PROBATION):
            choices.append(Choice(label="How ACCT works", payload="/care-acct"))
        if risk.kind is Kind.DOMESTIC_ABUSE:
            choices.append(Choice(label="Support with domestic abuse", payload="/eap-personal-domestic-abuse"))
        taken = {choice.payload for choice in choices}
        choices += [one for one in topics if one.payload not in taken]
        choices += [Choice(label="Support for me afterwards", payload="/eap-trauma"), MENU]
        answers = ["help-now", f"risk:{risk.subject.value}", *FOR_SELF]
        cards = self.people_to_ring(now)
        if risk.kind is Kind.DOMESTIC_ABUSE:
            names = ("domestic-abuse-helpline", "mens-advice-line", "live-fear-free")
            cards = [cards[0], *(helpline_card(self.directory.helplines[name], now) for name in names), *cards[1:]]
            answers += ["topic:domestic-abuse", "eap-personal"]
        return Reply(paragraphs=paragraphs, cards=cards, choices=choices, answers=answers)

    def concern(self, risk: Risk, reply: Reply, now: datetime) -> Reply:
        """`reply`, after asking softly whether everyone is safe, with people to ring first."""
        about = "self" if risk.subject in (Subject.SELF, Subject.UNKNOWN) else "other"
        if risk.kind is Kind.DOMESTIC_ABUSE and about == "self":
            about = "at-home"
        ring = [card for card in self.people_to_ring(now) if card.id in ("samaritans", "eap-helpline")]
        shown = {card.id for card in reply.cards}
        return Reply(
            paragraphs=[*self.wording.paragraphs(f"concern:{about}"), *reply.paragraphs],
            cards=[*(card for card in ring if card.id not in shown), *reply.cards],
            choices=reply.choices,
            answers=list(
                dict.fromkeys(["help-now", f"risk:{risk.subject.value}", "are-you-safe", "samaritans", *reply.answers])
            ),
        )

    def greeting(self) -> Reply:
        """What a person is shown first, on every channel."""
        return Reply(
            paragraphs=self.wording.paragraphs("greeting"), choices=[FIND, MENU, HELP_NOW], answers=["greeting"]
        )

    def accepted(self) -> Reply:
        """When a person says that they are all right after all: believed, and every way stays open."""
        return Reply(
            paragraphs=self.wording.paragraphs("risk:accepted"),
            choices=[HELP_NOW, Choice(label="Talk to the EAP", payload="/eap-helpline"), MENU],
            answers=["risk-accepted", "help-now"],
        )

    def help_now(self, now: datetime) -> Reply:
        """People to reach now."""
        return Reply(
            paragraphs=self.wording.paragraphs("talk-to-human"),
            cards=self.people_to_ring(now),
            choices=[HELP_NOW, MENU],
            answers=["help-now", *FOR_SELF],
        )

    def menu(self, key: str = "menu", people: bool = False, now: datetime | None = None) -> Reply:
        """The families as choices, with people to ring when `people`."""
        families = [
            Choice(label=family.name, payload=f"/menu-{name}") for name, family in self.directory.families.items()
        ]
        return Reply(
            paragraphs=self.wording.paragraphs(key),
            cards=self.people_to_ring(now) if people and now else [],
            choices=[FIND, *families, HELP_NOW],
            answers=["menu"] if key == "menu" else [key.removesuffix("-again"), "menu"],
        )

    def broken(self, risk: Risk, now: datetime, choice: str | None = None) -> Reply:
        """When the dialogue engine failed or was too slow: what can be answered without it, else an apology and people."""
        if risk.urgent or choice in WHO_OF:
            return self.risk(Risk(RiskLevel.HIGH, WHO_OF[choice], risk.kind) if choice in WHO_OF else risk, now)
        if choice == HELP_NOW.payload:
            return self.help_now(now)
        reply = self.menu("apology", people=True, now=now)
        reply = reply.model_copy(update={"answers": ["apology", "menu"]})
        return self.concern(risk, reply, now) if risk.found else reply

    def people_to_ring(self, now: datetime) -> list[Card]:
        """Cards of 999, crisis lines and the EAP helpline."""
        cards = [helpline_card(self.directory.helplines[name], now) for name in ("emergency-999", *FOR_SELF)]
        eap = self.directory.services["eap-helpline"]
        cards.insert(
            2,
            Card(
                id=eap.id,
                title=eap.name,
                summary=eap.what_it_is,
                open_now="open",
                contacts=contact_lines(self.directory, eap),
            ),
        )
        return cards


def offering_help(reply: Reply, first: bool) -> Reply:
    """`reply` with "Get help now" among its choices: `first` when someone may be in danger, else where it stands or last."""
    if not first and HELP_NOW in reply.choices:
        return reply
    others = [choice for choice in reply.choices if choice != HELP_NOW]
    return reply.model_copy(update={"choices": [HELP_NOW, *others] if first else [*others, HELP_NOW]})


def _wording_of(risk: Risk) -> str:
    about_writer = risk.subject in (Subject.SELF, Subject.UNKNOWN)
    if risk.kind is Kind.MEDICAL:
        return "risk:medical"
    if risk.kind is Kind.CHILD_SAFEGUARDING:
        return "risk:child"
    if risk.kind is Kind.OVERDOSE and risk.subject is Subject.SELF:
        return "risk:overdose"
    if risk.kind is Kind.DOMESTIC_ABUSE and risk.subject not in (Subject.CUSTODY, Subject.PROBATION):
        return "risk:domestic-abuse" if about_writer else "risk:domestic-abuse-other"
    if risk.kind in (Kind.VIOLENCE, Kind.ASSAULT) and risk.subject not in (Subject.CUSTODY, Subject.PROBATION):
        return "risk:violence"
    return f"risk:{risk.subject.value}"


def helpline_card(helpline: Helpline, now: datetime) -> Card:
    """A national helpline as a card."""
    contacts = []
    if helpline.phone:
        number = ContactLine(
            label="Ring", value=helpline.phone, href=_href("phone", helpline.phone), note=helpline.option
        )
        contacts.append(number)
    if helpline.sms:
        contacts.append(ContactLine(label="Text", value=helpline.sms, href=_href("sms", helpline.sms)))
    is_open = helpline.hours.is_open(now) if helpline.hours else None
    summary = helpline.who_it_is_for.rstrip(".") + "."
    if helpline.hours:
        summary += f" {helpline.hours.in_words()}"
    return Card(id=helpline.id, title=helpline.name, summary=summary, open_now=open_word(is_open), contacts=contacts)


def contact_lines(directory: Directory, service: Service) -> list[ContactLine]:
    """How to reach a service: what the deployment has set, or what to do where it has not."""
    lines: list[ContactLine] = []
    for name in service.contacts:
        contact = directory.contacts[name]
        if contact.value:
            lines.append(ContactLine(label=contact.label, value=contact.value, href=_href(contact.kind, contact.value)))
        else:
            lines += _unset_lines(directory, contact)
    for name in service.helplines:
        lines += helpline_lines(directory.helplines[name])
    return lines


def helpline_lines(helpline: Helpline) -> list[ContactLine]:
    """A helpline's number and text number, as lines of another card."""
    if not helpline.shown:
        return []
    lines = []
    if helpline.phone:
        href = _href("phone", helpline.phone)
        lines.append(ContactLine(label=helpline.name, value=helpline.phone, href=href, note=helpline.option))
    if helpline.sms:
        lines.append(ContactLine(label=f"Text {helpline.name}", value=helpline.sms, href=_href("sms", helpline.sms)))
    return lines


def _unset_lines(directory: Directory, contact: Contact) -> list[ContactLine]:
    lines = [ContactLine(label=contact.label, value=contact.if_not_set)]
    for name in contact.instead:
        lines += helpline_lines(directory.helplines[name])
    return lines


def open_word(is_open: bool | None) -> Literal["open", "closed", "ask"]:
    """'open', 'closed', or 'ask' when no hours are known."""
    return "ask" if is_open is None else "open" if is_open else "closed"


def _href(kind: str, value: str) -> str | None:
    digits = "".join(character for character in value if character.isdigit() or character == "+")
    if kind in ("phone", "sms"):
        return f"{'tel' if kind == 'phone' else 'sms'}:{digits}"
    if kind == "email":
        return f"mailto:{value}"
    if kind == "url" and value.startswith("https://"):
        return value
    return None
