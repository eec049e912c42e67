"""Databases of published figures, made with cells whose noised values a test knows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session, sessionmaker

from api.dashboard.source import Source
from api.database.engine import Base, open_engine
from api.usage.catalogue import CHANNELS, HELPED, OUTCOMES, RISK_ANSWERS, Labels, make_catalogue
from api.usage.models import Note, PeriodState, PublishedCell
from api.usage.periods import Period
from api.usage.published import PublishedTables
from api.usage.sites import Region, Site, Sites
from api.usage.tables import NATIONAL, TableId
from bot.directory import load_directory

REGIONS = [
    "North West", "North East", "Yorkshire and the Humber", "West Midlands", "East Midlands", "East of England",
    "London", "South East", "South West", "Wales", "Youth Custody Service", "Long Term and High Security Estate",
]  # fmt: skip
MADE_UP = "These figures are made up, to show what the pages look like."
Cell = tuple[TableId, str, str, str, int]


def regions_and_sites(sites: int = 120) -> Sites:
    regions = [Region(id=name.lower().replace(" ", "-"), name=name) for name in REGIONS]
    listed = [
        Site(id=f"site-{at:03}", name=f"HMP Place {at:03}", region=regions[at % 12].id, staff=150 + 7 * at)
        for at in range(sites)
    ]
    return Sites.of(listed, regions)


def published(folder: Path, cells: Iterable[Cell], sites: Sites, note: str | None = None) -> Source:
    """Tables over a new SQLite file with these cells: table, period, group, item, noised value."""
    engine = open_engine(f"sqlite:///{folder}/published.db")
    Base.metadata.create_all(engine)
    rows = [
        {"table_id": table.value, "period": period, "group": group, "item": item, "noised": noised}
        for table, period, group, item, noised in cells
    ]
    with Session(engine) as session, session.begin():
        closed = sorted({(row["table_id"], row["period"]) for row in rows})
        session.add_all([PeriodState(table_id=table, period=period, closed=True) for table, period in closed])
        if rows:
            session.execute(insert(PublishedCell), rows)
        if note:
            session.execute(insert(Note), [{"name": "made-up", "text": note}])
    return Source(PublishedTables(sessionmaker(engine), sites), Labels(load_directory(Path("data")), sites))


def months(first: str, count: int) -> list[str]:
    period = Period.parse(first)
    found = []
    for _ in range(count):
        found.append(str(period))
        period = period.next()
    return found


def large_world(sites: Sites) -> list[Cell]:
    """Eighteen months of every table, with values that tell where they come from."""
    cells: list[Cell] = []
    for at, week in enumerate(months("2025-W18", 78)):
        cells += [
            (TableId.SESSIONS_BY_SITE, week, place.group, place.row, (at * 7 + nth * 3) % 41 - 3)
            for nth, place in enumerate(sites.places)
        ]
    catalogue = make_catalogue(load_directory(Path("data")), sites)
    topics = sorted(catalogue.cells[TableId.TOPICS_BY_REGION])
    fixed = ((TableId.CHANNELS, CHANNELS), (TableId.OUTCOMES, OUTCOMES), (TableId.HELPED, HELPED))
    for at, month in enumerate(months("2025-05", 18)):
        cells += [
            (TableId.TOPICS_BY_REGION, month, group, item, (at * 5 + nth * 11) % 97 - 2)
            for nth, (group, item) in enumerate(topics)
        ]
        for table, names in (*fixed, (TableId.RISK_ANSWERS, RISK_ANSWERS)):
            cells += [(table, month, NATIONAL, name, 4 + at * 13 + nth * 171) for nth, name in enumerate(names)]
    return cells


def shown(cells: Iterable[int]) -> str:
    """What the rules say is shown of a sum of noised cells, worked out afresh."""
    total = max(sum(cells), 0)
    return "fewer than 10" if total < 10 else f"{5 * ((total + 2) // 5):,}"
