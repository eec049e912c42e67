"""Handrail with its dashboard over databases of known figures, on real HTTP and in a real Chromium."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import sessionmaker

from api.app import create_app
from api.dashboard.endpoints import add_dashboard
from api.dashboard.source import Source
from api.database.engine import open_engine
from api.sign_in import Person, Role, add_sign_in, load_sign_in_settings, signed_in
from api.usage.published import PublishedTables
from bot.settings import Settings
from cli.service import Service, prepare_service
from tests.dashboard.worlds import MADE_UP, large_world, published, regions_and_sites

MANAGER = Person(frozenset({Role.MANAGER}), "token")
Serve = Callable[..., AbstractContextManager[httpx.Client]]


@pytest.fixture(scope="session")
def quick_service() -> Service:
    """Handrail without its dialogue engine: the dashboard does not need it."""
    return prepare_service()


def app_over(service: Service, source: Source, person: Person | None) -> FastAPI:
    """The whole app with the dashboard; `person` is signed in, or nobody."""
    app = create_app(service.conversation, service.sessions, service.settings)
    add_sign_in(app, load_sign_in_settings(), Settings(), show=lambda link: None)
    add_dashboard(app, source)
    app.dependency_overrides[signed_in] = lambda: person
    return app


@pytest.fixture(scope="session")
def serve(quick_service: Service, served: Callable[[FastAPI], AbstractContextManager[str]]) -> Serve:
    """`with serve(source) as http:` a client of a real server; a manager is signed in unless `person` says otherwise."""

    @contextlib.contextmanager
    def start(source: Source, person: Person | None = MANAGER) -> Iterator[httpx.Client]:
        headers = {"Accept": "text/html"}
        with (
            served(app_over(quick_service, source, person)) as address,
            httpx.Client(base_url=address, headers=headers, timeout=30) as client,
        ):
            yield client

    return start


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """120 sites, 18 months, marked as made up."""
    sites = regions_and_sites()
    return published(tmp_path_factory.mktemp("large"), large_world(sites), sites, MADE_UP)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Nothing has closed yet."""
    return published(tmp_path_factory.mktemp("empty"), [], regions_and_sites())


@pytest.fixture(scope="session")
def http(large: Source, serve: Serve) -> Iterator[httpx.Client]:
    """A manager's client over the large world."""
    with serve(large) as client:
        yield client


@pytest.fixture
def away(tmp_path: Path, empty: Source) -> Source:
    """A database that cannot be read."""
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    engine = open_engine(f"sqlite:///{tmp_path}/broken.db")
    return Source(PublishedTables(sessionmaker(engine), empty.tables.sites), empty.labels)
