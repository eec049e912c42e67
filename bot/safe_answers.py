"""Answers that need no Rasa: the risk answer, "Get help now", the menu, and the apology when something is broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.directory import Contact, Directory, Helpline, Service
from bot.reply import Card, Choice, ContactLine, Reply
from bot.safety import Risk, Subject
from bot.wording import Wording

HELP_NOW = Choice(label="Get help now", payload="/help-now")
MENU = Choice(label="See everything", payload="/menu")
RESTART = Choice(label="Start again", payload="/start-again")
FOR_SELF = ("nhs-111-mental-health", "samaritans", "shout")


@dataclass(frozen=True)
class SafeAnswers:
    """Composes the answers that must never fail, from the directory and the wording alone."""

    directory: Directory
    wording: Wording

    def risk(self, risk: Risk, now: datetime) -> Reply:
        """The answer for `risk`, by who may be in danger."""
        key = f"risk:{risk.subject.value}"
        if risk.kind == "medical":
            key = "risk:medical"
        elif risk.kind in ("violence", "assault") and risk.subject in (Subject.SELF, Subject.UNKNOWN):
            key = "risk:violence"
        paragraphs = self.wording.paragraphs(key) + self.wording.paragraphs("risk:after")
        choices = [HELP_NOW]
        if risk.subject in (Subject.CUSTODY, Subject.PROBATION):
            choices.append(Choice(label="How ACCT works", payload="/care-acct"))
        choices += [Choice(label="Support for me afterwards", payload="/eap-trauma"), MENU]
        answers = ["help-now", f"risk:{risk.subject.value}", *FOR_SELF]
        return Reply(paragraphs=paragraphs, cards=self.people_to_ring(now), choices=choices, answers=answers)

    def help_now(self, now: datetime) -> Reply:
        """People to reach now."""
        return Reply(
            paragraphs=self.wording.paragraphs("talk-to-human"),
            cards=self.people_to_ring(now),
            choices=[MENU],
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
            choices=[*families, HELP_NOW],
            answers=["menu"] if key == "menu" else [key.removesuffix("-again"), "menu"],
        )

    def broken(self, risk: Risk, now: datetime) -> Reply:
        """When the dialogue engine failed or was too slow: the risk answer if there is risk, else an apology."""
        if risk.found:
            return self.risk(risk, now)
        reply = self.menu("apology", people=True, now=now)
        return reply.model_copy(update={"answers": ["apology", "menu"]})

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
