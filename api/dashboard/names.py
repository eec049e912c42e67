"""Names of regions, sites, topics and so on, for people."""

from __future__ import annotations

from api.usage.sites import Sites
from api.usage.tables import TableId


def group_name(sites: Sites, group: str) -> str:
    return sites.group_name(group)


def item_name(sites: Sites, table: TableId, item: str) -> str:
    if table is TableId.SESSIONS_BY_SITE:
        return sites.row_name(item)
    return item.replace("-", " ").capitalize()
