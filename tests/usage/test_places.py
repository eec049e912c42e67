"""Weeks and months in UK time; sites.yml and the rows that small sites are merged into."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.usage.periods import Cadence, Period
from api.usage.sites import Place, Region, Site, Sites, load_sites
from bot.yaml_files import DataFileError


@pytest.mark.parametrize(
    ("when", "week", "month"),
    [
        (datetime(2026, 11, 24, 12, tzinfo=UTC), "2026-W48", "2026-11"),
        (datetime(2027, 1, 1, 12, tzinfo=UTC), "2026-W53", "2027-01"),
        (datetime(2026, 7, 31, 23, 30, tzinfo=UTC), "2026-W31", "2026-08"),  # half past midnight in the UK
        (datetime(2024, 12, 30, 12, tzinfo=UTC), "2025-W01", "2024-12"),
    ],
)
def test_periods_follow_the_uk_clock(when: datetime, week: str, month: str) -> None:
    assert str(Period.containing(when, Cadence.WEEK)) == week
    assert str(Period.containing(when, Cadence.MONTH)) == month


def test_periods_follow_each_other() -> None:
    week, month = Period.parse("2026-W53"), Period.parse("2026-12")
    assert (str(week.next()), str(week.previous())) == ("2027-W01", "2026-W52")
    assert (str(month.next()), str(month.previous())) == ("2027-01", "2026-11")
    assert [str(one) for one in Period.parse("2026-11").up_to(Period.parse("2027-01"))] == [
        "2026-11",
        "2026-12",
        "2027-01",
    ]
    assert not month.has_ended(datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    assert month.has_ended(datetime(2027, 1, 1, tzinfo=UTC))
    assert Period.parse("2026-07").has_ended(datetime(2026, 7, 31, 23, 0, tzinfo=UTC)), "the UK is an hour ahead then"


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("2026-11", "November 2026"),
        ("2026-W48", "23 to 29 November 2026"),
        ("2026-W49", "30 November to 6 December 2026"),
        ("2026-W53", "28 December 2026 to 3 January 2027"),
    ],
)
def test_periods_in_words(period: str, words: str) -> None:
    assert Period.parse(period).in_words() == words


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-00", "2025-W53", "2026-W1", "1999-01", "2026-W48 ", "٢٠٢٦-٠١"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Period.parse(text)


def places(threshold: int = 100, **staff: tuple[str, int]) -> dict[str, Place]:
    regions = [Region(id=name, name=name.title()) for name in sorted({region for region, _ in staff.values()})]
    listed = [Site(id=name, name=name, region=region, staff=size) for name, (region, size) in staff.items()]
    sites = Sites.of(listed, regions, threshold)
    return {name: sites.place(name) for name in staff}


def test_small_sites_share_a_row_of_their_region() -> None:
    found = places(a1=("north", 99), b1=("north", 60), c1=("north", 100))
    assert found["a1"] == found["b1"] == Place("north", "small-sites-north")
    assert found["c1"] == Place("north", "c1")


def test_when_the_small_ones_are_too_few_the_next_larger_joins_them() -> None:
    found = places(a1=("north", 20), b1=("north", 150), c1=("north", 400))
    assert found["a1"] == found["b1"] == Place("north", "small-sites-north")
    assert found["c1"] == Place("north", "c1")


def test_small_regions_are_counted_together_or_not_stated() -> None:
    found = places(a1=("north", 60), b1=("south", 70), c1=("west", 400))
    assert found["a1"] == found["b1"] == Place("other-regions", "other-regions")
    assert places(a1=("north", 60), c1=("west", 400))["a1"] == Place("not-stated", "not-stated")


def test_a_higher_threshold_merges_more() -> None:
    assert places(500, a1=("north", 400), b1=("north", 450))["a1"] == Place("north", "small-sites-north")


def test_without_a_file_everything_is_not_stated(tmp_path: Path) -> None:
    assert load_sites(tmp_path / "sites.yml").place("anything") == Place("not-stated", "not-stated")


def test_the_example_is_right(tmp_path: Path) -> None:
    (tmp_path / "sites.yml").write_text(Path("data/sites.example.yml").read_text())
    assert load_sites(tmp_path / "sites.yml").place("example-prison").group == "north-west"


GOOD = """regions:
  - {id: north, name: North}
sites:
  - {id: ashby, name: Ashby, region: north, staff: 400}
"""


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("sites: [", 1, "not valid YAML"),
        ("- ashby", 1, "no lists"),
        (GOOD.replace("staff: 400", "staff: many"), 4, "'staff'"),
        (GOOD.replace("staff: 400", "staff: -1"), 4, "'staff'"),
        (GOOD.replace(", staff: 400", ""), 4, "add a line 'staff: ...'"),
        (GOOD.replace("region: north", "region: nroth"), 4, "'nroth' is not a region"),
        (GOOD.replace("id: ashby", "id: Ashby Prison"), 4, "'id'"),
        (GOOD + "  - {id: ashby, name: Again, region: north, staff: 1}\n", 5, "'ashby' is there twice"),
        (GOOD.replace("id: ashby", "id: not-stated"), 4, "a name that Handrail uses"),
        (GOOD + "areas: []\n", 5, "'areas' is not known"),
    ],
)
def test_mistakes_in_sites_are_told_with_line_and_cure(tmp_path: Path, text: str, line: int, says: str) -> None:
    (tmp_path / "sites.yml").write_text(text)
    with pytest.raises(DataFileError) as error:
        load_sites(tmp_path / "sites.yml")
    assert any(one.startswith(f"{tmp_path}/sites.yml:{line}: ") and "To mend it" in one for one in error.value.problems)
    assert says in str(error.value)
