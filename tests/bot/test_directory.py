"""The directory holds every service, and a broken entry is refused with file, line and cure."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.directory import load_directory, stale_entries
from bot.opening_hours import Hours
from bot.yaml_files import DataFileError

IDS = [
    "oh-pre-employment",
    "oh-management-referral",
    "oh-post-covid",
    "oh-fast-track-trauma",
    "oh-emdr-cbt",
    "oh-immunisations",
    "oh-health-surveillance",
    "oh-physiotherapy",
    "oh-workstation",
    "oh-neurodiversity",
    "oh-occupational-therapy",
    "oh-ill-health-retirement",
    "oh-sharps",
    "oh-online-physio",
    "oh-online-health",
    "eap-helpline",
    "eap-counselling",
    "eap-bullying",
    "eap-management-support",
    "eap-personal",
    "eap-work",
    "eap-reflective-sessions",
    "eap-trauma",
    "eap-wellbeing-workshops",
    "eap-mediation",
    "trim",
    "care-team",
    "care-acct",
    "care-reconnect",
    "care-liaison-diversion",
    "care-treatment-requirements",
    "care-mappa",
    "care-daycare-norwich",
    "care-capabilities-framework",
    "care-neurodiversity",
    "care-who-commissions",
    "care-substance-misuse",
    "care-personality-disorder",
    "care-release",
    "care-deaths-and-postvention",
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree("data", tmp_path / "data", ignore=shutil.ignore_patterns("nlu", "deployment.yml")))


def test_every_service_of_the_sources_is_there() -> None:
    directory = load_directory(Path("data"))
    assert set(IDS) <= set(directory.services)
    assert len(directory.topics) == 11


def test_a_missing_field_is_named_with_file_line_and_cure(data: Path) -> None:
    file = data / "services" / "on-site.yml"
    lines = file.read_text().splitlines()
    next(number for number, line in enumerate(lines) if line.strip().startswith("- id: trim"))
    file.write_text(file.read_text().replace("show_with: [care-team", "show_with: [car-team", 1))
    with pytest.raises(DataFileError, match="does not exist"):
        load_directory(data)


def test_yaml_that_cannot_be_read_is_refused(data: Path) -> None:
    (data / "helplines.yml").write_text("helplines:\n  - id: [broken\n")
    with pytest.raises(DataFileError, match=r"helplines.yml:\d+: this is not valid YAML"):
        load_directory(data)


def test_a_contact_comes_from_the_overlay_and_the_environment_wins(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "deployment.yml").write_text('contacts:\n  eap-phone: "01632 960001"\n')
    assert load_directory(data).contacts["eap-phone"].value == "01632 960001"
    load_directory.cache_clear()
    monkeypatch.setenv("HANDRAIL_CONTACT_EAP_PHONE", "01632 960002")
    assert load_directory(data).contacts["eap-phone"].value == "01632 960002"


def test_an_unknown_contact_in_the_overlay_is_refused(data: Path) -> None:
    (data / "deployment.yml").write_text("contacts:\n  eap-fone: 1\n")
    with pytest.raises(DataFileError, match=r"deployment.yml:2: 'eap-fone' is not a contact"):
        load_directory(data)


def test_entries_unchecked_for_90_days_are_listed() -> None:
    directory = load_directory(Path("data"))
    assert stale_entries(directory, date(2026, 11, 25)) == []
    assert len(stale_entries(directory, date(2027, 6, 1))) == len(directory.services) + len(directory.helplines)


OFFICE = Hours(weekly={"friday": "09:00-17:00", "saturday": "10:00-24:00"})


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        (datetime(2026, 11, 27, 9, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 27, 17, 0, tzinfo=UTC), False),
        (datetime(2026, 7, 3, 8, 30, tzinfo=UTC), True),  # 09:30 in London, summer time
        (datetime(2026, 12, 25, 12, 0, tzinfo=UTC), False),  # a Friday and a bank holiday
        (datetime(2026, 11, 28, 23, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 29, 12, 0, tzinfo=UTC), False),
    ],
)
def test_open_now_in_london_with_bank_holidays(when: datetime, is_open: bool) -> None:
    assert OFFICE.is_open(when) is is_open
