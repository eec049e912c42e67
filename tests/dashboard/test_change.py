"""What changed since last month is said only when the noise cannot be the reason."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from api.dashboard.change import Change, change_between, latest_change, least_told
from api.usage.noise import discrete_laplace
from api.usage.periods import Period
from api.usage.published import Row
from api.usage.rules import Rules
from api.usage.tables import NATIONAL, TableId
from tests.dashboard.conftest import Serve
from tests.dashboard.worlds import published, regions_and_sites

RULES = Rules()
SEPTEMBER, OCTOBER = Period.parse("2026-09"), Period.parse("2026-10")


def change(before: int, after: int, cells: int = 3) -> Change:
    rows = [Row(month, None, None, RULES.figure(n), cells) for month, n in ((SEPTEMBER, before), (OCTOBER, after))]
    return change_between(RULES, *rows)


def test_a_large_change_is_told_with_both_figures() -> None:
    assert change(1_000, 1_200).sentence == (
        "There were 200 more conversations in October 2026 than in September 2026: 1,200, up from 1,000."
    )
    assert change(1_200, 1_000).sentence == (
        "There were 200 fewer conversations in October 2026 than in September 2026: 1,000, down from 1,200."
    )


def test_a_small_change_is_not_told() -> None:
    small = change(1_000, 1_015)
    assert not small.told
    assert small.sentence == (
        "There were 1,015 conversations in October 2026. "
        "The change since September 2026 is too small to tell from the protection of the figures."
    )


def test_the_limit_grows_with_the_number_of_cells() -> None:
    assert least_told(RULES, 6) == 20
    assert [least_told(RULES, cells) for cells in (2, 20, 200, 2000)] == sorted(
        least_told(RULES, cells) for cells in (2, 20, 200, 2000)
    )
    assert change(1_000, 1_050).told and not change(1_000, 1_050, cells=500).told


def test_fewer_than_10_counts_as_whatever_makes_the_change_smallest() -> None:
    assert not change(3, 25).told, "it may have been 9 before"
    assert change(3, 60).sentence == (
        "There were at least 51 more conversations in October 2026 than in September 2026: 60, up from fewer than 10."
    )
    assert change(60, 3).sentence.startswith("There were at least 51 fewer conversations")
    assert not change(3, 4).told


def test_without_the_month_before_nothing_is_compared() -> None:
    august = Row(Period.parse("2026-08"), None, None, RULES.figure(900), 3)
    october = Row(OCTOBER, None, None, RULES.figure(100), 3)
    assert latest_change(RULES, [august, october]) is None
    assert latest_change(RULES, []) is None


@pytest.mark.parametrize("cells", [3, 40])
def test_when_nothing_changed_a_change_is_told_less_than_5_times_in_100(cells: int) -> None:
    chance = random.Random(1)
    told = 0
    for _ in range(1_000):
        true = chance.randrange(500, 2_000)
        noised = [true + sum(discrete_laplace(RULES.epsilon) for _ in range(cells)) for _ in range(2)]
        told += change(*noised, cells=cells).told
    assert told < 75, "50 are expected at most; 75 leaves room for chance"


def test_the_overview_says_it(tmp_path: Path, serve: Serve) -> None:
    cells = [(TableId.CHANNELS, month, NATIONAL, "web", n) for month, n in (("2026-09", 1_000), ("2026-10", 1_500))]
    with serve(published(tmp_path, cells, regions_and_sites())) as http:
        assert "There were 500 more conversations in October 2026 than in September 2026" in http.get("/dashboard").text
        earlier = http.get("/dashboard?to=2026-09").text
        assert "more conversations" not in earlier
