"""The service directory: what staff can be signposted to. Models, loading and validation.

Nothing here is invented at run time: every number and hour comes from an entry with a source and a check date, or from the
deployment's own overlay. See docs/directory.md.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.opening_hours import Hours
from bot.yaml_files import DataFileError, line_of, plain, problem, read_yaml, validated

CHECK_AFTER_DAYS = 90
OVERLAY_FILE = "deployment.yml"
CONTACT_ENVIRONMENT_PREFIX = "HANDRAIL_CONTACT_"
Text = Annotated[str, Field(min_length=2)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Access(StrEnum):
    """How a service is reached."""

    SELF_REFERRAL = "self-referral"
    MANAGEMENT_REFERRAL = "management-referral"
    BOTH = "both"
    ON_SITE = "on-site"
    PROFESSIONAL = "professional"


ACCESS_WORDS = {
    Access.SELF_REFERRAL: "You can refer yourself",
    Access.MANAGEMENT_REFERRAL: "Your line manager refers you",
    Access.BOTH: "You can refer yourself, or your manager can refer you",
    Access.ON_SITE: "On site, from a trained colleague",
    Access.PROFESSIONAL: "You act or refer, as the member of staff",
}


class Source(Strict):
    document: Text
    says: Text
    published: date | None = None
    url: str | None = None


class Topic(Strict):
    """A personal topic of the EAP (money, legal, ...), with what to say on it."""

    id: Text
    name: Text
    aliases: list[Text] = []
    answer: Text
    helplines: list[str] = []
    show_with: list[str] = Field(default=[], max_length=2)


class Service(Strict):
    """One service or system. Text fields are plain sentences, shown to staff as they stand."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]+$")]
    name: Text
    aliases: list[Text] = []
    what_it_is: Text
    who_it_is_for: Text
    use_when: Annotated[list[Text], Field(min_length=1)]
    do_not_use_when: Annotated[list[Text], Field(min_length=1)]
    access: Access
    how_to_reach: Annotated[list[Text], Field(min_length=1)]
    what_happens_next: Text
    confidentiality: Text
    manager: Text
    cost: Text
    sessions: Text
    timescale: Text
    eligibility: Text
    hours: Hours
    contacts: list[str] = []
    helplines: list[str] = []
    show_with: list[str] = Field(default=[], max_length=2)
    related: list[str] = []
    topics: list[Topic] = []
    sources: Annotated[list[Source], Field(min_length=1)]
    checked_on: date
    owner: Text


class Family(Strict):
    family: Text
    name: Text
    intro: Text


class Contact(Strict):
    """A contact that belongs to the deployment. `value` comes from the overlay or the environment."""

    id: Text
    label: Text
    kind: Annotated[str, Field(pattern="^(phone|sms|email|url|person)$")]
    if_not_set: Text
    instead: list[str] = []
    value: str | None = None


class Helpline(Strict):
    """A national helpline. Shown only when it has a source; hours that are not verified are not shown."""

    id: Text
    name: Text
    who_it_is_for: Text
    phone: str | None = None
    sms: str | None = None
    option: str | None = None
    hours: Hours | None = None
    cost: str | None = None
    source: Text
    verified: bool = True
    shown: bool = True
    note: str | None = None
    checked_on: date


@dataclass(frozen=True)
class Directory:
    """Everything staff can be shown, by id."""

    families: Mapping[str, Family]
    family_of: Mapping[str, str]
    services: Mapping[str, Service]
    helplines: Mapping[str, Helpline]
    contacts: Mapping[str, Contact]
    site_hours: Mapping[str, Hours]

    @property
    def topics(self) -> Mapping[str, Topic]:
        return {topic.id: topic for service in self.services.values() for topic in service.topics}

    def find(self, intent: str) -> tuple[Service, Topic | None] | None:
        """The service (and topic) that an intent asks for, or None when the intent is no service."""
        if intent in self.services:
            return self.services[intent], None
        for service in self.services.values():
            for topic in service.topics:
                if intent == f"{service.id}-{topic.id}":
                    return service, topic
        return None

    def services_in_answer(self, intent: str) -> list[str]:
        """Ids that the answer to `intent` shows, the main one first; empty when the intent is no service."""
        found = self.find(intent)
        if found is None:
            return []
        service, topic = found
        if topic is not None:
            return [f"topic:{topic.id}", service.id, *topic.show_with]
        return [service.id, *service.show_with]

    def in_family(self, family: str) -> list[Service]:
        return [service for service in self.services.values() if self.family_of[service.id] == family]

    def hours_of(self, service: Service) -> Hours | None:
        """The hours, with those that the deployment sets filled in; None when it has not set them."""
        if service.hours.set_by_deployment:
            return self.site_hours.get(service.hours.set_by_deployment)
        return service.hours


def stale_entries(directory: Directory, today: date) -> list[str]:
    """One line for each entry that nobody has checked for more than 90 days."""
    entries: Iterable[Service | Helpline] = [*directory.services.values(), *directory.helplines.values()]
    return [
        f"{entry.id}: last checked on {entry.checked_on}, {(today - entry.checked_on).days} days ago"
        for entry in entries
        if (today - entry.checked_on).days > CHECK_AFTER_DAYS
    ]


@functools.lru_cache(maxsize=8)
def load_directory(data: Path) -> Directory:
    """Read and check `data/services/*.yml`, `data/helplines.yml`, `data/contacts.yml` and the overlay.

    Raises DataFileError listing every problem found, each with file, line and cure.
    """
    problems: list[str] = []
    families: dict[str, Family] = {}
    family_of: dict[str, str] = {}
    services: dict[str, Service] = {}
    where: dict[str, tuple[Path, Any, int]] = {}
    for file in sorted((data / "services").glob("*.yml")):
        try:
            family, entries, root = _read_family(file, problems)
        except DataFileError as error:
            problems += error.problems
            continue
        families[family.family] = family
        for index, service in entries:
            if service.id in services:
                problems.append(
                    problem(file, line_of(root, ["services", index]), f"'{service.id}' is there twice", "remove one")
                )
            services[service.id] = service
            family_of[service.id] = family.family
            where[service.id] = (file, root, index)
    helplines = {entry.id: entry for entry in _read_list(data / "helplines.yml", "helplines", Helpline, problems)}
    contacts = {entry.id: entry for entry in _read_list(data / "contacts.yml", "contacts", Contact, problems)}
    site_hours = _apply_overlay(data / OVERLAY_FILE, contacts, problems)
    if not services and not problems:
        problems.append(problem(data / "services", 1, "no service files were found", "run from the project's folder"))
    for service in services.values():
        problems += _dangling(service, where[service.id], services, helplines, contacts)
    if problems:
        raise DataFileError(problems)
    return Directory(families, family_of, services, helplines, contacts, site_hours)


def _read_family(file: Path, problems: list[str]) -> tuple[Family, list[tuple[int, Service]], Any]:
    root = read_yaml(file)
    if not isinstance(root, dict) or not isinstance(root.get("services"), list):
        raise DataFileError([problem(file, 1, "there is no list 'services'", "start the list with 'services:'")])
    head = {key: value for key, value in root.items() if key not in ("services", "defaults")}
    family = validated(Family, head, file, root, [])
    defaults = plain(root.get("defaults") or {})
    entries = []
    for index, entry in enumerate(root["services"]):
        try:
            merged = {**defaults, **plain(entry)} if isinstance(entry, dict) else entry
            entries.append((index, validated(Service, merged, file, root, ["services", index])))
        except DataFileError as error:
            problems += error.problems
    return family, entries, root


def _read_list(file: Path, key: str, model: type[Any], problems: list[str]) -> list[Any]:
    try:
        root = read_yaml(file)
    except DataFileError as error:
        problems += error.problems
        return []
    entries = []
    for index, entry in enumerate((root or {}).get(key) or []):
        try:
            entries.append(validated(model, entry, file, root, [key, index]))
        except DataFileError as error:
            problems += error.problems
    return entries


def _apply_overlay(file: Path, contacts: dict[str, Contact], problems: list[str]) -> dict[str, Hours]:
    """Fill in the deployment's contacts (file first, then environment) and give the hours that it sets."""
    site_hours: dict[str, Hours] = {}
    values: dict[str, str] = {}
    if file.exists():
        try:
            root = read_yaml(file) or {}
            for name, value in (root.get("contacts") or {}).items():
                if name not in contacts:
                    known = ", ".join(sorted(contacts))
                    what = f"'{name}' is not a contact"
                    problems.append(problem(file, line_of(root, ["contacts", name]), what, f"use one of {known}"))
                elif value:
                    values[name] = str(value)
            for name, value in (root.get("hours") or {}).items():
                site_hours[name] = validated(Hours, value, file, root, ["hours", name])
        except DataFileError as error:
            problems += error.problems
    for name in contacts:
        from_environment = os.environ.get(CONTACT_ENVIRONMENT_PREFIX + name.upper().replace("-", "_"))
        if from_environment:
            values[name] = from_environment
    for name, value in values.items():
        contacts[name] = contacts[name].model_copy(update={"value": value})
    return site_hours


def _dangling(
    service: Service,
    where: tuple[Path, Any, int],
    services: Mapping[str, Service],
    helplines: Mapping[str, Helpline],
    contacts: Mapping[str, Contact],
) -> list[str]:
    file, root, index = where
    lists: list[tuple[str, list[str], Mapping[str, Any]]] = [
        ("contacts", service.contacts, contacts),
        ("helplines", service.helplines, helplines),
        ("show_with", service.show_with, services),
        ("related", service.related, services),
    ]
    for topic in service.topics:
        lists += [("topics", topic.helplines, helplines), ("topics", topic.show_with, services)]
    return [
        problem(
            file,
            line_of(root, ["services", index, field]),
            f"{service.id}: '{name}' under '{field}' does not exist",
            "check the spelling, or add that entry",
        )
        for field, names, known in lists
        for name in names
        if name not in known
    ]
