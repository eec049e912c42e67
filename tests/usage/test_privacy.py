"""One session more or less changes the odds of any published figure by at most e^epsilon: its effect on sums, exactly, and by simulation."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.orm import sessionmaker

from api.database.engine import open_engine
from api.usage.catalogue import Catalogue
from api.usage.closing import close_period
from api.usage.noise import discrete_laplace
from api.usage.periods import Period
from api.usage.published import PublishedTables
from api.usage.recorder import UsageRecorder
from api.usage.rules import Figure, Rules
from api.usage.tables import TableId
from bot.safety import RiskLevel
from tests.usage.people import a_session, a_turn, signposted
from tests.usage.small import small_catalogue
from tests.usage.world import NOW

EPSILON = Fraction(1, 2)


@dataclass(frozen=True)
class AsTheyAre(Rules):
    """Shows sums as they are: for looking at what figures are made of."""

    def figure(self, noised: int) -> Figure:
        return Figure(noised)


def everything(
    url: str, catalogue: Catalogue, people: int, last_does_everything: bool
) -> dict[tuple[object, ...], int]:
    """The sum behind every figure that can be asked for, without noise, after `people` random sessions."""
    when = [NOW]
    usage = UsageRecorder(url, catalogue, now=lambda: when[0])
    random.seed(3)
    moments = [NOW.replace(month=10, day=28), NOW.replace(day=2), NOW.replace(day=10)]
    needs = ["trim", "oh-physiotherapy", "eap-helpline"]
    for number in range(people):
        person = a_session(random.choice(["ashby", "elm", None]))
        when[0] = random.choice(moments)
        for _ in range(random.randint(1, 4)):
            usage.record(person, signposted(random.choice(needs)), "web")
        usage.flush()
        if last_does_everything and number == people - 1:
            for when[0] in moments:
                for need in needs:
                    usage.record(person, a_turn("clarify", choices=tuple(needs)), "web")
                    usage.record(person, signposted(need), "web", choice=f"/{need}")
                for said in ("helped", "not-helped", "menu", "fallback", "out-of-scope", "apology"):
                    usage.record(person, a_turn(said), "web")
                for level, said in ((RiskLevel.HIGH, "risk:self"), (RiskLevel.CONCERN, "are-you-safe")):
                    usage.record(person, a_turn("help-now", said, risk=level), "web")
                usage.flush()
    usage.close()
    engine = open_engine(url)
    sessions = sessionmaker(engine)
    for table in TableId:
        for day in moments:
            close_period(engine, table, Period.containing(day, table.cadence), Rules(), noise=lambda: 0)
    tables = PublishedTables(sessions, catalogue.sites, AsTheyAre())
    return {
        (query, row.period, row.group, row.item): row.figure.value or 0
        for table in TableId
        for query in tables.accepted_queries(table)
        for row in tables.answer(query)
    }


def test_a_session_that_does_everything_for_weeks_changes_no_sum_by_more_than_one(tmp_path: Path) -> None:
    catalogue = small_catalogue()
    without = everything(f"sqlite:///{tmp_path}/without.db", catalogue, 12, False)
    with_it = everything(f"sqlite:///{tmp_path}/with.db", catalogue, 13, True)
    changes = Counter(with_it[key] - without[key] for key in without)
    assert with_it.keys() == without.keys() and len(without) > 1_000
    assert set(changes) == {0, 1}


def chances(cells: int, reach: int = 400) -> np.ndarray:
    """The chance of each sum of `cells` noises, from -reach to reach."""
    ratio = math.exp(-float(EPSILON))
    one = np.array([(1 - ratio) / (1 + ratio) * ratio ** abs(x) for x in range(-reach, reach + 1)])
    total = one
    for _ in range(cells - 1):
        total = np.convolve(total, one)[reach:-reach]
    return total


@pytest.mark.parametrize("cells", [1, 2, 12, 40])
def test_by_theory_a_step_of_one_changes_the_odds_of_any_sum_by_at_most_e_to_the_epsilon(cells: int) -> None:
    of_sum = chances(cells)[200:-200]
    ratios = of_sum[1:] / of_sum[:-1]
    assert max(ratios.max(), (1 / ratios).max()) <= math.exp(float(EPSILON)) * (1 + 1e-9)


@pytest.mark.parametrize(("sessions", "cells"), [(0, 1), (9, 1), (12, 1), (17, 3)])
def test_by_simulation_no_figure_is_much_likelier_with_one_session_more(sessions: int, cells: int) -> None:
    """Of 60,000 closings each: no figure is more than e^epsilon times as frequent, but for chance (5 standard errors)."""
    bits, rules, many = random.Random(11).getrandbits, Rules(EPSILON), 60_000

    def shown(exact: int) -> Counter[Figure]:
        draws = (exact + sum(discrete_laplace(EPSILON, bits) for _ in range(cells)) for _ in range(many))
        return Counter(rules.figure(noised) for noised in draws)

    fewer, more = shown(sessions), shown(sessions + 1)
    bound = math.exp(float(EPSILON))
    for one, other in ((fewer, more), (more, fewer)):
        for figure, count in one.items():
            most = bound * other[figure]
            assert count <= most + 5 * math.sqrt(count + bound**2 * other[figure]) + 5, figure


def test_the_simulation_would_see_a_session_that_counts_four_times() -> None:
    bits, rules, many = random.Random(11).getrandbits, Rules(EPSILON), 60_000
    few = Counter(rules.figure(9 + discrete_laplace(EPSILON, bits)) for _ in range(many))
    lots = Counter(rules.figure(13 + discrete_laplace(EPSILON, bits)) for _ in range(many))
    bound = math.exp(float(EPSILON))
    assert any(n > bound * few[figure] + 5 * math.sqrt(n + bound**2 * few[figure]) + 5 for figure, n in lots.items())
