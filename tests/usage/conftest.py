"""A real SQLite file and a real PostgreSQL server of our own, and small worlds to count in."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from api.usage.catalogue import Catalogue, make_catalogue
from api.usage.sites import Region, Site, Sites
from bot.directory import load_directory

REQUIRED = os.environ.get("HANDRAIL_TEST_POSTGRES") == "required"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER = datetime(2027, 1, 5, 12, tzinfo=UTC)


def _tools() -> Path | None:
    """The folder of PostgreSQL's own programs."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server that ends with the tests; its databases are made by `database`."""
    tools = _tools()
    if tools is None:
        assert not REQUIRED, "HANDRAIL_TEST_POSTGRES=required, and PostgreSQL is not installed"
        pytest.skip("PostgreSQL is not installed")
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="handrail-pg-"))
    if as_postgres:
        shutil.chown(folder, "postgres")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run([*as_postgres, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    options = f"-c port={port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(f"{tools}/initdb", "-D", f"{folder}/data", "-U", "handrail", "-A", "trust", "-E", "UTF8", "--no-sync")
        run(f"{tools}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
        yield f"postgresql://handrail@127.0.0.1:{port}"
        run(f"{tools}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_database(server: str) -> str:
    name = f"test_{secrets.token_hex(6)}"
    address = server.replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(f"{address}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database: the same tests run on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/usage.db"
    return _postgres_database(request.getfixturevalue("postgres"))


@pytest.fixture(scope="session")
def sites() -> Sites:
    """Two regions: one with two large sites and two small ones, one with a large site."""
    regions = [Region(id="north", name="North"), Region(id="south", name="South")]
    sizes = {"ashby": ("north", 400), "birch": ("north", 250), "cove": ("north", 60), "dale": ("north", 70)}
    listed = [Site(id=name, name=name.title(), region=region, staff=staff) for name, (region, staff) in sizes.items()]
    return Sites.of([*listed, Site(id="elm", name="Elm", region="south", staff=300)], regions)


@pytest.fixture(scope="session")
def catalogue(sites: Sites) -> Catalogue:
    return make_catalogue(load_directory(Path("data")), sites)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOW
