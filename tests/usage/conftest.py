"""A real SQLite file and a real PostgreSQL server of our own, and small worlds to count in."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from api.usage.catalogue import Catalogue
from api.usage.sites import Sites
from tests.usage.world import NOW, make_sites, make_whole_catalogue

REQUIRED = os.environ.get("HANDRAIL_TEST_POSTGRES") == "required"


def postgres_tools() -> Path | None:
    """The folder of PostgreSQL's own programs."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server that ends with the tests; its databases are made by `database`."""
    tools = postgres_tools()
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


def postgres_database(server: str) -> str:
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
    return postgres_database(request.getfixturevalue("postgres"))


@pytest.fixture(scope="session")
def sites() -> Sites:
    return make_sites()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return make_whole_catalogue()


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOW
