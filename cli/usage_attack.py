"""Attacks the published figures as a curious manager could: asks every question there is and lets an exact solver look for small counts.

The solver (integer programming) finds the least and the most that each small count can be, given every answer. A count is *pinned*
when both are the same. The attacker is given more than a manager has: that no noise is beyond `REACH`, and how families and topics
of the same table hang together. The same attack is run on usual schemes, to show that it does find counts.
"""

from __future__ import annotations

import functools
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session, sessionmaker

from api.database.engine import open_engine
from api.database.migrate import migrate
from api.usage.catalogue import FIXED, Catalogue, confusion
from api.usage.closing import close_period
from api.usage.models import CELLS, PeriodState
from api.usage.noise import discrete_laplace
from api.usage.periods import Cadence, Period
from api.usage.published import PublishedTables, Query, Row
from api.usage.rules import ROUNDED_TO, Figure, Rules
from api.usage.sites import Region, Site, Sites
from api.usage.tables import NATIONAL, TableId

SMALL = range(10)
MOST = 400
REACH = 17
"""Noise beyond this comes about once in 6,500 cells at epsilon 0.5; the attacker takes it to be impossible."""
TOPICS = {
    "trim": ("on-site", "on-site/trim"),
    "care-team": ("on-site", "on-site/care-team"),
    "eap-helpline": ("employee-assistance", "employee-assistance/eap-helpline"),
}
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Answer:
    """What one figure says: the sum of some cells lies between two bounds."""

    cells: frozenset[Key]
    low: int
    high: int


@dataclass
class Found:
    """What the attack found of the small counts of some worlds."""

    worlds: int = 0
    questions: int = 0
    small: int = 0
    pinned: int = 0
    guessed: int = 0
    widths: list[int] = field(default_factory=list)

    def __iadd__(self, other: Found) -> Found:
        self.worlds += other.worlds
        self.questions += other.questions
        self.small += other.small
        self.pinned += other.pinned
        self.guessed += other.guessed
        self.widths += other.widths
        return self


def small_world(made: random.Random) -> Catalogue:
    """Made-up sites of two regions, some too small for a row of their own, and three topics."""
    regions = [Region(id=name, name=name.title()) for name in ("north", "south")]
    sizes = [made.choice([40, 80, 120, 300]) for _ in range(4)]
    sites = Sites.of(
        [
            Site(id=f"site-{number}", name=f"Site {number}", region=regions[number % 2].id, staff=staff)
            for number, staff in enumerate(sizes)
        ],
        regions,
    )
    items = {item for both in TOPICS.values() for item in both}
    cells = {table: frozenset((NATIONAL, item) for item in names) for table, names in FIXED.items()}
    pairs = [confusion("trim", "care-team"), confusion("care-team", "trim")]
    cells[TableId.CONFUSIONS] = frozenset((NATIONAL, pair) for pair in pairs)
    cells[TableId.SESSIONS_BY_SITE] = frozenset((place.group, place.row) for place in sites.places)
    cells[TableId.TOPICS_BY_REGION] = frozenset((place.group, item) for place in sites.places for item in items)
    return Catalogue(cells, sites, TOPICS)


def exact_counts(
    catalogue: Catalogue, table: TableId, periods: Sequence[Period], made: random.Random
) -> dict[Key, int]:
    """Mostly small counts; a family is at least as large as its largest topic and at most as their sum."""
    counts = {
        (str(period), group, item): made.choice([made.randrange(10), made.randrange(10), made.randrange(60)])
        for period in periods
        for group, item in sorted(catalogue.cells[table])
    }
    if table is TableId.TOPICS_BY_REGION:
        for (period, group, item), topics in _families(counts).items():
            parts = [counts[topic] for topic in topics]
            counts[period, group, item] = made.randint(max(parts), sum(parts))
    return counts


def ask_everything(
    engine: Engine, catalogue: Catalogue, table: TableId, counts: Mapping[Key, int], noise: Callable[[], int]
) -> tuple[list[Answer], dict[Key, int]]:
    """Close the periods of `counts` in a real database and put every question to it: the answers, and the noised cells."""
    periods = sorted({period for period, _, _ in counts})
    with Session(engine) as session, session.begin():
        states = [{"table_id": table.value, "period": period, "closed": False} for period in periods]
        session.execute(insert(PeriodState), states)
        rows = [
            {"table_id": table.value, "period": period, "area": group, "item": item, "n": n}
            for (period, group, item), n in sorted(counts.items())
        ]
        session.execute(insert(CELLS), rows)
    for period in periods:
        close_period(engine, table, Period.parse(period), Rules(), noise)
    sessions = sessionmaker(engine)
    tables = PublishedTables(sessions, catalogue.sites)
    answers = {_answer(counts, query, row) for query in tables.accepted_queries(table) for row in tables.answer(query)}
    as_stored = PublishedTables(sessions, catalogue.sites, _AsStored())
    noised = {
        (str(row.period), row.group or "", row.item or ""): row.figure.value or 0
        for row in as_stored.rows(table, Period.parse(periods[0]), Period.parse(periods[-1]))
    }
    return sorted(answers, key=lambda one: (sorted(one.cells), one.low)), noised


@dataclass(frozen=True)
class _AsStored(Rules):
    """Shows noised cells as they are stored: to judge the attack by, never to publish."""

    def figure(self, noised: int) -> Figure:
        return Figure(noised)


def _answer(counts: Mapping[Key, int], query: Query, row: Row) -> Answer:
    cells = frozenset(
        (period, group, item)
        for period, group, item in counts
        if str(query.first) <= period <= str(query.last)
        and query.group in (None, group)
        and query.item in (None, item)
        and (row.period is None or str(row.period) == period)
        and row.group in (None, group)
        and row.item in (None, item)
    )
    return Answer(cells, *meant_by(row.figure))


def meant_by(figure: Figure) -> tuple[int, int]:
    """The least and the most that the sum behind a figure can be."""
    if figure.value is None:
        return -MOST, figure.fewer_than - 1
    around = ROUNDED_TO // 2
    return max(figure.value - around, figure.fewer_than), figure.value + around


def attack(
    answers: Iterable[Answer], counts: Mapping[Key, int], reach: int, related: bool = False, insider: bool = False
) -> Found:
    """The least and the most of each small count that fit all answers, when no noise is beyond `reach`.

    An `insider` knows every exact count but the one that is looked for.
    """
    keys = sorted(counts)
    place = {key: number for number, key in enumerate(keys)}
    asked = list(answers)
    rows, low, high = np.zeros((len(asked), 2 * len(keys))), [], []
    for number, answer in enumerate(asked):
        for key in answer.cells:
            rows[number, place[key]] = rows[number, len(keys) + place[key]] = 1
        low.append(answer.low)
        high.append(answer.high)
    constraints = [LinearConstraint(rows, low, high)]
    if related:
        constraints += [*_relations(counts, place)]
    bounds = Bounds([0] * len(keys) + [-reach] * len(keys), [MOST] * len(keys) + [reach] * len(keys))
    found = Found(worlds=1, questions=len(asked))
    for key in keys:
        if counts[key] in SMALL:
            least, most = _extremes(place[key], constraints, _known(bounds, counts, key) if insider else bounds)
            found.small += 1
            found.pinned += least == most
            found.widths.append(most - least)
    return found


def _extremes(cell: int, constraints: list[LinearConstraint], bounds: Bounds) -> tuple[int, int]:
    found = []
    for sign in (1, -1):
        wanted = np.zeros(len(bounds.lb))
        wanted[cell] = sign
        result = milp(wanted, constraints=constraints, bounds=bounds, integrality=np.ones(len(wanted)))
        if result.x is None:
            raise RuntimeError("no counts fit the answers: the noise was beyond what the attacker takes to be possible")
        found.append(round(result.x[cell]))
    return found[0], found[1]


def _known(bounds: Bounds, counts: Mapping[Key, int], wanted: Key) -> Bounds:
    exact = [counts[key] for key in sorted(counts)]
    low, high = list(bounds.lb), list(bounds.ub)
    for number, key in enumerate(sorted(counts)):
        if key != wanted:
            low[number] = high[number] = exact[number]
    return Bounds(low, high)


def _families(counts: Mapping[Key, int]) -> dict[Key, list[Key]]:
    families: dict[Key, list[Key]] = {}
    for period, group, item in counts:
        if "/" in item:
            families.setdefault((period, group, item.partition("/")[0]), []).append((period, group, item))
    return families


def _relations(counts: Mapping[Key, int], place: Mapping[Key, int]) -> Iterator[LinearConstraint]:
    for family, topics in _families(counts).items():
        together = np.zeros(2 * len(place))
        together[place[family]] = 1
        for topic in topics:
            above = together.copy()
            above[place[topic]] -= 1
            yield LinearConstraint(above, 0, MOST)
        for topic in topics:
            together[place[topic]] -= 1
        yield LinearConstraint(together, -MOST * len(topics), 0)


def attack_handrail(seed: int, with_noise: bool = True) -> tuple[Found, Found]:
    """One random world, every table of it: what a manager finds, and one who knows all other counts of the table.

    Without noise it shows what the noise is for.
    """
    made = random.Random(seed)
    catalogue, manager, insider = small_world(made), Found(), Found()
    reach = REACH if with_noise else 0
    noise = functools.partial(discrete_laplace, Rules().epsilon, made.getrandbits) if with_noise else int
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/usage.db")
        migrate(engine)
        for table in TableId:
            first = Period.of_day(date(2026, 3, 4), table.cadence)
            periods = [first, first.next(), *([first.next().next()] if table.cadence is Cadence.WEEK else [])]
            counts = exact_counts(catalogue, table, periods, made)
            answers, noised = ask_everything(engine, catalogue, table, counts, noise)
            found = attack(answers, counts, reach, related=table is TableId.TOPICS_BY_REGION)
            found.guessed = sum(min(max(noised[key], 0), 9) == n for key, n in counts.items() if n in SMALL)
            manager += found
            insider += attack(answers, counts, reach, insider=True)
        engine.dispose()
    manager.worlds = insider.worlds = 1
    return manager, insider


def attack_usual(seed: int, shown: Callable[[int], tuple[int, int]]) -> Found:
    """A usual dashboard over 4 sites and 4 weeks: any sites and any weeks may be chosen, and small figures are hidden."""
    made = random.Random(seed)
    sites, weeks = [f"site-{number}" for number in range(4)], ["W1", "W2", "W3", "W4"]
    counts = {
        (week, "all", site): made.choice([made.randrange(10), made.randrange(60)]) for week in weeks for site in sites
    }
    answers = set()
    for some_sites, some_weeks in product(_subsets(sites), _subsets(weeks)):
        cells = frozenset((week, "all", site) for week in some_weeks for site in some_sites)
        answers.add(Answer(cells, *shown(sum(counts[key] for key in cells))))
    return attack(sorted(answers, key=lambda one: sorted(one.cells)), counts, 0)


def _subsets(names: Sequence[str]) -> list[tuple[str, ...]]:
    return [some for size in range(1, len(names) + 1) for some in combinations(names, size)]


def hiding(hidden: range, rounded_to: int = 1) -> Callable[[int], tuple[int, int]]:
    """How a usual scheme shows a sum: hidden when it is in `hidden`, else rounded. Gives what an attacker learns of it."""

    def shown(exact: int) -> tuple[int, int]:
        if exact in hidden:
            return hidden[0], hidden[-1]
        around = rounded_to // 2
        rounded = (exact + around) // rounded_to * rounded_to
        return max(rounded - around, 0), rounded + around

    return shown


USUAL = {
    "hide 1 to 7, round to 5, free filters": hiding(range(1, 8), 5),
    "hide under 10, round to 5, free filters": hiding(range(10), 5),
    "hide under 10, no rounding, free filters": hiding(range(10)),
}


def report(worlds: int) -> Iterator[str]:
    """The printout: one line a scheme."""
    yield f"{worlds} random worlds a scheme. Every question it accepts was asked; wanted were the counts of 0 to 9."
    yield f"{'scheme':<46}{'answers':>10}{'small':>8}{'pinned':>14}{'median range':>14}"
    for name, shown in USUAL.items():
        yield _line(name, _total(attack_usual(seed, shown) for seed in range(worlds)))
    for name, noise in (("Handrail's tables and rounding, but no noise", False), ("Handrail", True)):
        both = [attack_handrail(seed, noise) for seed in range(worlds)]
        manager = _total(one for one, _ in both)
        yield _line(name, manager)
        yield _line("  to one who knows all other counts", _total(one for _, one in both))
    yield (
        "Handrail, to one who had somehow learnt every stored noised number: the best guess is right "
        f"{manager.guessed / manager.small:.0%} of the time (a blind guess: 10%)."
    )


def _total(found: Iterable[Found]) -> Found:
    total = Found()
    for one in found:
        total += one
    return total


def _line(name: str, found: Found) -> str:
    share = f"{found.pinned} ({found.pinned / found.small:.0%})"
    return f"{name:<46}{found.questions:>10,}{found.small:>8,}{share:>14}{int(np.median(found.widths)):>14}"
