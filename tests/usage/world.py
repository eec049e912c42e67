"""Two regions of made-up sites, and the moments at which they are looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from api.usage.catalogue import Catalogue, make_catalogue
from api.usage.sites import Region, Site, Sites
from bot.directory import load_directory

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER = datetime(2027, 1, 5, 12, tzinfo=UTC)
SIZES = {
    "ashby": ("north", 400),
    "birch": ("north", 250),
    "cove": ("north", 60),
    "dale": ("north", 70),
    "elm": ("south", 300),
}


def make_sites() -> Sites:
    """North with two large sites and two small ones, south with a large site."""
    regions = [Region(id="north", name="North"), Region(id="south", name="South")]
    listed = [Site(id=name, name=name.title(), region=where, staff=staff) for name, (where, staff) in SIZES.items()]
    return Sites.of(listed, regions)


def make_whole_catalogue() -> Catalogue:
    """Every cell of the project's own directory at these sites."""
    return make_catalogue(load_directory(Path("data")), make_sites())
