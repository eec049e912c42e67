"""A database of made-up use, to show managers what the figures look like. It says of itself that it is made up.

How much use there is comes from a seed and is always the same; the noise is real, by the same code that closes real periods.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.orm import Session

from api.database.engine import Base
from api.usage.catalogue import Catalogue
from api.usage.closing import close_period, erase_residue
from api.usage.models import CELLS, MADE_UP, Cell, Flush, Note, PeriodState, PublishedCell
from api.usage.periods import Cadence, Period
from api.usage.rules import Rules
from api.usage.sites import Region, Site, Sites
from api.usage.tables import TableId

NOTICE = "Made-up figures, to show what these pages look like. They are not about any real place or person."
MONTHS = 18
SITES = 120
REGIONS = (
    "North East", "North West", "Yorkshire and the Humber", "East Midlands", "West Midlands", "East of England", "London",
    "Kent, Surrey and Sussex", "South Central", "South West", "Wales", "Headquarters",
)  # fmt: skip
NAMES = (
    "Alder", "Avocet", "Badger", "Bluebell", "Bramble", "Campion", "Cedar", "Chestnut", "Cowslip", "Curlew", "Dunlin", "Elder",
    "Fennel", "Finch", "Foxglove", "Gorse", "Harebell", "Hawthorn", "Hazel", "Heather", "Heron", "Juniper", "Kestrel", "Kingfisher",
    "Lapwing", "Larch", "Linnet", "Maple", "Marigold", "Martin", "Meadowsweet", "Merlin", "Osprey", "Otter", "Petrel", "Plover",
    "Primrose", "Redstart", "Rowan", "Sedge", "Skylark", "Sorrel", "Speedwell", "Starling", "Swallow", "Tansy", "Teal", "Thrift",
    "Vole", "Wagtail", "Willow", "Wren", "Yarrow", "Bracken", "Clover", "Dotterel", "Egret", "Fieldfare", "Goldcrest", "Hornbeam",
)  # fmt: skip
PER_HEAD_A_WEEK = 0.011
SHARES: Mapping[TableId, Mapping[str, float]] = {
    TableId.OUTCOMES: {
        "answered": 0.93, "clarified": 0.17, "not-understood": 0.08, "menu": 0.3, "out-of-scope": 0.05, "failed": 0.002,
    },
    TableId.CHANNELS: {"web": 0.86, "telegram": 0.13, "rest": 0.01},
    TableId.RISK_ANSWERS: {"risk-answer": 0.03, "are-you-safe": 0.04},
    TableId.HELPED: {"helped": 0.11, "not-helped": 0.03},
}  # fmt: skip
COMMON_TOPICS = {
    "eap-helpline": 0.16, "eap-counselling": 0.13, "eap-trauma": 0.05, "eap-bullying": 0.05, "eap-management-support": 0.04,
    "eap-personal-money": 0.06, "eap-personal-anxiety": 0.06, "eap-personal-family": 0.03, "eap-personal-bereavement": 0.03,
    "oh-management-referral": 0.07, "oh-physiotherapy": 0.07, "oh-fast-track-trauma": 0.04, "oh-workstation": 0.03,
    "oh-neurodiversity": 0.03, "trim": 0.08, "care-team": 0.07, "care-acct": 0.02, "care-mental-health": 0.02,
}  # fmt: skip
RARE_TOPIC = 0.006
COMMON_CONFUSIONS = {
    "eap-counselling|eap-helpline": 0.02, "eap-helpline|eap-counselling": 0.014, "trim|oh-fast-track-trauma": 0.011,
    "oh-fast-track-trauma|eap-trauma": 0.009, "eap-trauma|trim": 0.008, "oh-physiotherapy|oh-online-physio": 0.007,
    "oh-management-referral|eap-management-support": 0.006, "eap-personal-anxiety|eap-counselling": 0.006,
}  # fmt: skip


def demo_sites(threshold: int) -> Sites:
    """The made-up sites: prisons, probation offices and a few small teams, in twelve regions."""
    made = np.random.default_rng(1)
    regions = [Region(id=_id(name), name=name) for name in REGIONS]
    sites = []
    for number in range(SITES):
        prison = number < SITES // 2
        kind, low, high = ("Prison", 180, 1100) if prison else ("Probation Office", 25, 420)
        name = f"{NAMES[number % len(NAMES)]} {kind}"
        area = "Prisons" if prison else "Probation"
        staff = int(made.integers(low, high))
        region = regions[number % len(regions)].id
        sites.append(Site(id=_id(name), name=name, region=region, staff=staff, business_area=area))
    return Sites.of(sites, regions, threshold)


def write_sites(sites: Sites, file: Path) -> None:
    """Write the made-up sites as a `sites.yml`."""
    lines = [f"# {NOTICE}", "regions:"]
    lines += [f'  - {{id: {one.id}, name: "{one.name}"}}' for one in sites.regions.values()]
    lines.append("sites:")
    lines += [
        f'  - {{id: {one.id}, name: "{one.name}", region: {one.region}, staff: {one.staff}, business_area: {one.business_area}}}'
        for one in sites.sites.values()
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def holds_real_figures(engine: Engine) -> bool:
    """Whether anything was ever counted in a database that does not say that it is made up."""
    with Session(engine) as session:
        marked = session.get(Note, MADE_UP) is not None
        return not marked and session.scalar(select(PeriodState.period).limit(1)) is not None


def fill(engine: Engine, catalogue: Catalogue, now: datetime, rules: Rules) -> int:
    """Replace everything in the database by 18 months of made-up use; gives the number of cells published.

    Raises ValueError when it holds real figures.
    """
    if holds_real_figures(engine):
        raise ValueError("the database holds real figures")
    models: list[type[Base]] = [Cell, PublishedCell, PeriodState, Flush, Note]
    with Session(engine) as session, session.begin():
        for model in models:
            session.execute(delete(model))
        session.add(Note(name=MADE_UP, text=NOTICE))
    cells = 0
    for table in TableId:
        use = list(_use(catalogue, table, now))
        states = [{"table_id": table.value, "period": str(period), "closed": False} for period, _ in use]
        rows = [
            {"table_id": table.value, "period": str(period), "area": group, "item": item, "n": n}
            for period, counts in use
            for (group, item), n in sorted(counts.items())
        ]
        with Session(engine) as session, session.begin():
            session.execute(insert(PeriodState), states)
            session.execute(insert(CELLS), rows)
        for period, _ in use:
            close_period(engine, table, period, rules)
        cells += len(rows)
    erase_residue(engine)
    return cells


def _use(catalogue: Catalogue, table: TableId, now: datetime) -> Iterator[tuple[Period, dict[tuple[str, str], int]]]:
    """The made-up exact counts of each period of a table."""
    last_month = Period.containing(now, Cadence.MONTH).previous()
    first_month = last_month
    for _ in range(MONTHS - 1):
        first_month = first_month.previous()
    made = np.random.default_rng([7, list(TableId).index(table)])
    first = Period.of_day(first_month.first_day(), table.cadence)
    last = Period.containing(now, table.cadence).previous()
    for number, period in enumerate(first.up_to(last)):
        share_of_time = number / (MONTHS * (4.35 if table.cadence is Cadence.WEEK else 1))
        weeks = ((period.last_day() - period.first_day()).days + 1) / 7
        level = PER_HEAD_A_WEEK * weeks * (0.4 + 0.9 * share_of_time) * _season(period)
        means = _means(catalogue, table, level)
        yield period, {cell: int(made.poisson(mean)) for cell, mean in sorted(means.items())}


def _season(period: Period) -> float:
    """More in winter, least in August."""
    month = period.first_day().month
    return 1 + 0.2 * float(np.cos((month - 1) / 12 * 2 * np.pi))


def _means(catalogue: Catalogue, table: TableId, level: float) -> dict[tuple[str, str], float]:
    """How many sessions a cell would have on average, at `level` sessions a head."""
    staff: dict[tuple[str, str], float] = {}
    for site in catalogue.sites.sites.values():
        place = catalogue.sites.place(site.id)
        staff[place.group, place.row] = staff.get((place.group, place.row), 0) + site.staff * _liking(site.id)
    staff["not-stated", "not-stated"] = 0.12 * sum(staff.values())
    if table is TableId.SESSIONS_BY_SITE:
        return {cell: level * staff.get(cell, 0) for cell in catalogue.cells[table]}
    everybody = sum(staff.values()) * level
    if table is TableId.TOPICS_BY_REGION:
        shares = _topic_shares(catalogue)
        regions: dict[str, float] = {}
        for (group, _), heads in staff.items():
            regions[group] = regions.get(group, 0) + heads
        return {(group, item): level * regions.get(group, 0) * shares[item] for group, item in catalogue.cells[table]}
    if table is TableId.CONFUSIONS:
        return {cell: everybody * COMMON_CONFUSIONS.get(cell[1], 0) for cell in catalogue.cells[table]}
    return {cell: everybody * SHARES[table][cell[1]] for cell in catalogue.cells[table]}


def _topic_shares(catalogue: Catalogue) -> dict[str, float]:
    """The share of conversations with each topic; a family has somewhat less than its topics together."""
    shares: dict[str, float] = {}
    for intent, (family, item) in catalogue.topics.items():
        shares[item] = COMMON_TOPICS.get(intent, RARE_TOPIC * _liking(intent))
        shares[family] = shares.get(family, 0) + 0.85 * shares[item]
    return shares


def _liking(name: str) -> float:
    """From 0.5 to 1.5, the same for a name each time."""
    return 0.5 + (sum(ord(letter) * (place + 7) * 7_919 for place, letter in enumerate(name)) % 1_000) / 1_000


def _id(name: str) -> str:
    return name.lower().replace(",", "").replace(" ", "-")
