"""The pages that show figures: which table each shows, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from api.usage.tables import TableId

COUNTED = "Conversations"
TOTALS = TableId.CHANNELS


class Part(StrEnum):
    """One chart and table of a page: what its figures are given for."""

    PERIOD = "over-time"
    GROUP = "by-region"
    FAMILY = "by-service"
    ITEM = "by-item"


@dataclass(frozen=True)
class Kind:
    """A page over one published table. `item` is what a row of the table is of; `shown` how many periods are shown at first."""

    name: str
    table: TableId
    title: str
    lede: str
    item: str
    parts: tuple[Part, ...]
    shown: int = 1
    by_name: bool = False

    @property
    def path(self) -> str:
        return "/dashboard" if self.name == "overview" else f"/dashboard/{self.name}"

    @property
    def unit(self) -> str:
        return self.table.cadence.value

    @property
    def has_regions(self) -> bool:
        return not self.table.national

    @property
    def can_choose_item(self) -> bool:
        return Part.ITEM in self.parts


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "overview", TableId.CHANNELS, "Use over time",
            "How many conversations all staff together had with Handrail.",
            "channel", (Part.PERIOD,), shown=12,
        ),
        Kind(
            "sites", TableId.SESSIONS_BY_SITE, "Regions and sites",
            "Where conversations were started. Sites with few staff are counted together with others of their region.",
            "site", (Part.PERIOD, Part.GROUP, Part.ITEM), shown=13, by_name=True,
        ),
        Kind(
            "topics", TableId.TOPICS_BY_REGION, "Topics",
            "Which kinds of support people were shown. One conversation can be about several topics, so topics are not added up.",
            "topic", (Part.FAMILY, Part.ITEM),
        ),
        Kind(
            "channels", TableId.CHANNELS, "Channels", "Where people wrote: the web page, Telegram, or a program that uses Rasa's format.",
            "channel", (Part.ITEM,),
        ),
        Kind(
            "outcomes", TableId.OUTCOMES, "How conversations went",
            "What happened in conversations. One conversation can have several outcomes, so they are not added up.",
            "outcome", (Part.ITEM,),
        ),
        Kind(
            "helped", TableId.HELPED, "Whether it helped", "What people said when they were asked whether it helped. Most are not asked or do not say.",
            "what people said", (Part.ITEM,),
        ),
        Kind(
            "risk", TableId.RISK_ANSWERS, "When safety came up",
            "How often people were shown help for someone who may be in danger, or were asked whether they are safe. Given for all staff together, never for a site or region.",
            "what was shown", (Part.ITEM,),
        ),
    )
}  # fmt: skip
