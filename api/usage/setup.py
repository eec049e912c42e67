"""Puts the parts of usage together from settings."""

from __future__ import annotations

from fractions import Fraction

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import sessionmaker

from api.database.engine import open_engine
from api.database.migrate import migrate
from api.usage.catalogue import Labels, load_catalogue
from api.usage.published import PublishedTables
from api.usage.recorder import UsageRecorder
from api.usage.rules import Rules
from api.usage.sites import FILE, Sites, load_sites
from bot.directory import load_directory
from bot.settings import Settings
from bot.yaml_files import DataFileError, problem


def rules_of(settings: Settings) -> Rules:
    """The rules of disclosure control."""
    return Rules(
        Fraction(settings.usage_epsilon),
        settings.usage_smallest_shown,
        settings.usage_site_staff,
        settings.usage_retention_months,
    )


def sites_of(settings: Settings) -> Sites:
    """The sites that the deployment lists. Raises DataFileError when the file is wrong or a file that is named is missing."""
    file = settings.sites or settings.data / FILE
    if settings.sites and not file.exists():
        raise DataFileError(
            [problem(file, 1, "the file in HANDRAIL_SITES is missing", "correct the setting or add it")]
        )
    return load_sites(file, settings.usage_site_staff)


def make_recorder(settings: Settings) -> UsageRecorder:
    """A recorder that has not been started. Raises DataFileError when sites.yml or the database's address is wrong."""
    check_address(settings)
    catalogue = load_catalogue(settings.data, sites_of(settings))
    return UsageRecorder(settings.database_url, catalogue, rules_of(settings), settings.usage_flush_seconds)


def open_database(settings: Settings) -> Engine:
    """The database with its schema up to date. Raises SQLAlchemyError when it cannot be reached."""
    check_address(settings)
    engine = open_engine(settings.database_url)
    migrate(engine)
    return engine


def make_published(settings: Settings, engine: Engine) -> PublishedTables:
    """What can be seen of the figures in `engine`. Raises DataFileError when sites.yml is wrong."""
    return PublishedTables(sessionmaker(engine), sites_of(settings), rules_of(settings))


def make_labels(settings: Settings) -> Labels:
    """Names of groups and items."""
    return Labels(load_directory(settings.data), sites_of(settings))


def check_address(settings: Settings) -> None:
    """Raises DataFileError when HANDRAIL_DATABASE_URL is not the address of a database that is known; it is not repeated."""
    cure = "write sqlite:///var/handrail.db or postgresql://user:password@host/name"
    try:
        known = make_url(settings.database_url).get_backend_name() in ("sqlite", "postgresql", "postgres")
    except ArgumentError:
        known = False
    if not known:
        raise DataFileError([f"HANDRAIL_DATABASE_URL is not the address of a database. To mend it: {cure}"])
