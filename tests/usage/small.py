"""A small catalogue: few enough cells that every query can be asked and an exact solver can be put to it."""

from __future__ import annotations

from api.usage.catalogue import FIXED, Catalogue, confusion
from api.usage.sites import Sites
from api.usage.tables import NATIONAL, TableId
from tests.usage.world import make_sites

TOPICS = {
    "trim": ("on-site", "on-site/trim"),
    "oh-physiotherapy": ("occupational-health", "occupational-health/oh-physiotherapy"),
    "eap-helpline": ("employee-assistance", "employee-assistance/eap-helpline"),
}


def small_catalogue(sites: Sites | None = None) -> Catalogue:
    """Three topics of three families, at five sites of two regions."""
    sites = sites or make_sites()
    places = sites.places
    items = {item for both in TOPICS.values() for item in both}
    cells = {table: frozenset((NATIONAL, item) for item in items) for table, items in FIXED.items()}
    pairs = [confusion(one, other) for one in TOPICS for other in TOPICS if one != other]
    cells[TableId.CONFUSIONS] = frozenset((NATIONAL, pair) for pair in pairs)
    cells[TableId.SESSIONS_BY_SITE] = frozenset((place.group, place.row) for place in places)
    cells[TableId.TOPICS_BY_REGION] = frozenset((place.group, item) for place in places for item in items)
    return Catalogue(cells, sites, TOPICS)
