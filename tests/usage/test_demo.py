"""The made-up database and the `handrail usage` commands, as a manager or an operator sees them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import sessionmaker
from typer.testing import CliRunner

from api.database.engine import open_engine
from api.database.migrate import migrate
from api.usage.catalogue import load_catalogue
from api.usage.demo import NOTICE, _use, demo_sites, fill
from api.usage.published import By, PublishedTables
from api.usage.recorder import UsageRecorder
from api.usage.rules import Rules
from api.usage.sites import load_sites
from api.usage.tables import TableId
from bot.yaml_files import DataFileError
from cli.main import app, main
from tests.usage.counts import exact
from tests.usage.people import a_session, signposted

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the made-up database and its sites."""
    folder = tmp_path_factory.mktemp("demo")
    command = ["demo-usage", "--database", f"sqlite:///{folder}/u.db", "--sites", f"{folder}/sites.yml"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0 and "made-up" in result.output
    return folder


@pytest.fixture
def shown(made: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("HANDRAIL_DATABASE_URL", f"sqlite:///{made}/u.db")
    monkeypatch.setenv("HANDRAIL_SITES", f"{made}/sites.yml")
    return CliRunner()


def test_there_are_120_sites_and_18_months_that_say_they_are_made_up(made: Path) -> None:
    sites = load_sites(made / "sites.yml")
    assert len(sites.sites) == 120 and len(sites.regions) == 12
    assert {site.id for site in sites.sites.values() if sites.place(site.id).group == "not-stated"} == set()
    tables = PublishedTables(sessionmaker(open_engine(f"sqlite:///{made}/u.db")), sites)
    assert tables.made_up() == NOTICE
    assert len(tables.periods(TableId.OUTCOMES)) == 18
    weeks = tables.periods(TableId.SESSIONS_BY_SITE)
    assert 77 <= len(weeks) <= 83 and weeks[-1].has_ended(datetime.now(UTC))
    totals = tables.totals(TableId.SESSIONS_BY_SITE, weeks[0], weeks[-1], By.PERIOD)
    assert all(row.figure.value and row.figure.value > 100 for row in totals)
    assert exact(f"sqlite:///{made}/u.db") == {}


def test_use_is_the_same_each_time_and_noise_is_not(tmp_path: Path) -> None:
    catalogue = load_catalogue(Path("data"), demo_sites(100))
    first, second = (list(_use(catalogue, TableId.HELPED, NOW)) for _ in range(2))
    assert first == second and len(first) == 18


def test_a_service_on_the_made_up_database_counts_nothing(made: Path) -> None:
    url = f"sqlite:///{made}/u.db"
    usage = UsageRecorder(url, load_catalogue(Path("data")))
    usage.record(a_session(), signposted(), "web")
    usage.close()
    assert exact(url) == {}


def test_a_database_with_real_figures_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/u.db"
    catalogue = load_catalogue(Path("data"))
    usage = UsageRecorder(url, catalogue)
    usage.record(a_session(), signposted(), "web")
    usage.close()
    before = exact(url)
    with pytest.raises(ValueError, match="real figures"):
        fill(open_engine(url), catalogue, NOW, Rules())
    result = CliRunner().invoke(app, ["demo-usage", "--database", url, "--sites", f"{tmp_path}/sites.yml"])
    assert isinstance(result.exception, DataFileError) and "real figures" in str(result.exception)
    assert exact(url) == before and not (tmp_path / "sites.yml").exists()


def test_usage_prints_a_table_with_names(shown: CliRunner) -> None:
    result = shown.invoke(app, ["usage", "--by", "group"])
    assert NOTICE in result.output and "North West" in result.output and "Yorkshire and the Humber" in result.output
    result = shown.invoke(app, ["usage", "--table", "channels"])
    assert "Telegram" in result.output and "All staff" in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--table", "sessions-by-person"], "unknown-table"),
        (["--group", "wales", "--item", "alder-prison"], "combined-filters"),
        (["--table", "outcomes", "--by", "all"], "not-added"),
        (["--from", "2999-W01"], "open-period"),
        (["--by", "hour"], "unknown-filter"),
    ],
)
def test_usage_refuses_everything_else(shown: CliRunner, arguments: list[str], says: str) -> None:
    result = shown.invoke(app, ["usage", *arguments])
    assert isinstance(result.exception, DataFileError) and says in str(result.exception)


def test_closing_by_hand_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/u.db"
    monkeypatch.setenv("HANDRAIL_DATABASE_URL", url)
    usage = UsageRecorder(url, load_catalogue(Path("data")), now=lambda: datetime(2026, 3, 4, tzinfo=UTC))
    usage.record(a_session(), signposted(), "web")
    usage.close()
    assert "closed sessions-by-site 2026-W10" in CliRunner().invoke(app, ["usage", "close"]).output
    assert "nothing to close" in CliRunner().invoke(app, ["usage", "close"]).output


@pytest.mark.parametrize(
    "address", ["mysql://a-secret@h/d", "not an address a-secret", "sqlite:////proc/a-secret/u.db"]
)
def test_a_wrong_address_is_told_and_not_repeated(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_DATABASE_URL", address)
    result = CliRunner().invoke(app, ["usage"])
    assert isinstance(result.exception, DataFileError) and "HANDRAIL_DATABASE_URL" in str(result.exception)
    assert "a-secret" not in str(result.exception)


def test_an_empty_database_says_that_figures_come_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_DATABASE_URL", f"sqlite:///{tmp_path}/u.db")
    result = CliRunner().invoke(app, ["usage"])
    assert "no figures yet" in str(result.exception)
    migrate(open_engine(f"sqlite:///{tmp_path}/u.db"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HANDRAIL_USAGE_EPSILON", "0.6"),
        ("HANDRAIL_USAGE_SMALLEST_SHOWN", "5"),
        ("HANDRAIL_USAGE_SITE_STAFF", "50"),
        ("HANDRAIL_USAGE_RETENTION_MONTHS", "61"),
        ("HANDRAIL_USAGE_FLUSH_SECONDS", "601"),
    ],
)
def test_settings_that_weaken_protection_stop_the_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["handrail", "usage"])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 1
    assert name in capsys.readouterr().err
