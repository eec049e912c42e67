"""Every cell there is, before anything is counted: so that a cell's being there says nothing. And what cells are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from actions.compose import QUESTIONS
from api.usage.periods import Period
from api.usage.sites import Sites
from api.usage.tables import NATIONAL, TableId
from bot.directory import Directory, load_directory

OUTCOMES = {
    "answered": "Answered",
    "clarified": "Asked which of a few was meant",
    "not-understood": "Not understood",
    "menu": "Went to the menu",
    "out-of-scope": "Asked for something else than support",
    "failed": "Answered with an apology, because something was broken",
}
CHANNELS = {"web": "Web page", "rest": "Rasa REST channel", "telegram": "Telegram"}
RISK_ANSWERS = {"risk-answer": "People to reach now were shown", "are-you-safe": "Asked softly whether they are safe"}
HELPED = {"helped": "Said that it helped", "not-helped": "Said that it did not help"}
FIXED = {
    TableId.OUTCOMES: OUTCOMES,
    TableId.CHANNELS: CHANNELS,
    TableId.RISK_ANSWERS: RISK_ANSWERS,
    TableId.HELPED: HELPED,
}
TITLES = {
    TableId.SESSIONS_BY_SITE: "Conversations by site",
    TableId.TOPICS_BY_REGION: "Conversations shown each kind of support, by region",
    TableId.OUTCOMES: "Conversations by what happened in them",
    TableId.CHANNELS: "Conversations by channel",
    TableId.RISK_ANSWERS: "Conversations in which safety came up",
    TableId.CONFUSIONS: "Needs that were mistaken for each other",
    TableId.HELPED: "Conversations in which people said whether it helped",
}
Cells = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class CellKey:
    """One cell of one period."""

    table: TableId
    period: Period
    group: str
    item: str

    def sort_key(self) -> tuple[str, str, str, str]:
        """The order in which every process touches cells, so that none waits for another that waits for it."""
        return (self.table.value, str(self.period), self.group, self.item)


@dataclass(frozen=True)
class Catalogue:
    """The (group, item) pairs of each table, and where sites and topics belong."""

    cells: Mapping[TableId, frozenset[tuple[str, str]]]
    sites: Sites
    topics: Mapping[str, tuple[str, ...]]

    def holds(self, table: TableId, group: str, item: str) -> bool:
        return (group, item) in self.cells[table]


def family_of(item: str) -> str:
    """The family of an item of the table of topics: "oh/eyesight" gives "oh"."""
    return item.partition("/")[0]


def confusion(taken: str, other: str) -> str:
    """The item for: `taken` was chosen when `other` was offered too."""
    return f"{taken}|{other}"


def make_catalogue(directory: Directory, sites: Sites) -> Catalogue:
    """The cells for a service directory and the deployment's sites."""
    topics: dict[str, tuple[str, ...]] = {}
    for service in directory.services.values():
        family = directory.family_of[service.id]
        for intent in (service.id, *(f"{service.id}-{topic.id}" for topic in service.topics)):
            topics[intent] = (family, f"{family}/{intent}")
    offered = [*topics, *QUESTIONS]
    national: dict[TableId, list[str]] = {table: list(items) for table, items in FIXED.items()}
    national[TableId.CONFUSIONS] = [confusion(one, other) for one in offered for other in offered if one != other]
    items = {item for both in topics.values() for item in both}
    groups = {place.group for place in sites.places}
    cells = {table: frozenset((NATIONAL, item) for item in names) for table, names in national.items()}
    cells[TableId.SESSIONS_BY_SITE] = frozenset((place.group, place.row) for place in sites.places)
    cells[TableId.TOPICS_BY_REGION] = frozenset((group, item) for group in groups for item in items)
    return Catalogue(cells, sites, topics)


def load_catalogue(data: Path, sites: Sites | None = None) -> Catalogue:
    """The cells for the service directory in `data`. Raises DataFileError when a file is wrong."""
    return make_catalogue(load_directory(data), sites or Sites())


@dataclass(frozen=True)
class Labels:
    """Groups and items in words, for pages and exports. What is no longer listed keeps its id."""

    directory: Directory
    sites: Sites

    def group(self, group: str) -> str:
        return self.sites.group_name(group)

    def item(self, table: TableId, item: str) -> str:
        """A site, "Occupational health", "Trauma support", "Answered", "Telegram", "A, rather than B"."""
        if table is TableId.SESSIONS_BY_SITE:
            return self.sites.row_name(item)
        if table is TableId.CONFUSIONS:
            taken, _, other = item.partition("|")
            return f"{self._need(taken)}, rather than {_lower(self._need(other))}"
        if table is TableId.TOPICS_BY_REGION:
            family, _, intent = item.partition("/")
            return self._need(intent) if intent else self._family(family)
        return FIXED[table].get(item, item)

    def _family(self, family: str) -> str:
        known = self.directory.families.get(family)
        return known.name if known else family

    def _need(self, intent: str) -> str:
        if intent in QUESTIONS:
            return QUESTIONS[intent][1]
        found = self.directory.find(intent)
        if found is None:
            return intent
        service, topic = found
        return f"{service.name}: {_lower(topic.name)}" if topic else service.name


def _lower(words: str) -> str:
    """`words` inside a sentence: a capital that begins an ordinary word becomes small."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
