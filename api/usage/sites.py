"""The sites that the deployment lists in `sites.yml`, and the rows that small ones are merged into.

A site with fewer staff than the threshold has no row of its own: it is counted in the row of its region's small sites from the
first turn on, so that its own count is never kept. When those together are too few, the smallest other site of the region joins
them. A region with too few staff is counted with the other small regions; when these are too few, as "not stated".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.usage.rules import LEAST_SITE_STAFF
from api.usage.tables import NATIONAL, NOT_STATED
from bot.yaml_files import DataFileError, line_of, problem, read_yaml, validated

FILE = "sites.yml"
OTHER_REGIONS = "other-regions"
SMALL_SITES = "small-sites-"
RESERVED = {NATIONAL, NOT_STATED, OTHER_REGIONS}
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
Name = Annotated[str, Field(min_length=2, max_length=120)]
Entry = TypeVar("Entry", bound="Listed")


class Listed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
    id: Id
    name: Name


class Region(Listed):
    """A region of the service."""


class Site(Listed):
    """A prison, office or team that people can start a conversation from. `staff` is how many are in post."""

    region: Id
    staff: Annotated[int, Field(ge=0, le=1_000_000)]
    business_area: Name | None = None


@dataclass(frozen=True)
class Place:
    """Where a session is counted: its region (`group`) and its row in the table of sites (`row`)."""

    group: str
    row: str


@dataclass(frozen=True)
class Sites:
    """Every place that is counted by. With no sites listed, everything is "not stated"."""

    sites: Mapping[str, Site] = field(default_factory=dict)
    regions: Mapping[str, Region] = field(default_factory=dict)
    threshold: int = LEAST_SITE_STAFF
    _places: Mapping[str, Place] = field(default_factory=dict)

    @classmethod
    def of(cls, sites: Iterable[Site], regions: Iterable[Region], threshold: int = LEAST_SITE_STAFF) -> Sites:
        known = {site.id: site for site in sites}
        return cls(known, {one.id: one for one in regions}, threshold, _places_of(known, threshold))

    def place(self, site: str | None) -> Place:
        """Where a session from `site` is counted. Unknown sites are not stated."""
        return self._places.get(site or "", Place(NOT_STATED, NOT_STATED))

    @property
    def places(self) -> list[Place]:
        """Every place there is, in order."""
        found = {*self._places.values(), Place(NOT_STATED, NOT_STATED)}
        return sorted(found, key=lambda place: (place.group, place.row))

    def group_name(self, group: str) -> str:
        """A group of rows (a region) in words. One that is no longer listed keeps its id."""
        known = {NATIONAL: "All staff", NOT_STATED: "Not stated", OTHER_REGIONS: "Other regions"}
        return known.get(group) or (self.regions[group].name if group in self.regions else group)

    def row_name(self, row: str) -> str:
        """A row of the table of sites in words. One that is no longer listed keeps its id."""
        if row.startswith(SMALL_SITES):
            return f"Smaller sites, {self.group_name(row.removeprefix(SMALL_SITES))}"
        return self.sites[row].name if row in self.sites else self.group_name(row)


def load_sites(file: Path, threshold: int = LEAST_SITE_STAFF) -> Sites:
    """Read and check a `sites.yml`; no file means no sites. Raises DataFileError naming file, line and cure."""
    if not file.exists():
        return Sites.of([], [], threshold)
    root = read_yaml(file)
    if not isinstance(root, dict) or not all(isinstance(root.get(key), list) for key in ("regions", "sites")):
        cure = "start the lists with 'regions:' and 'sites:', as in sites.example.yml"
        raise DataFileError([problem(file, 1, "there are no lists 'regions' and 'sites'", cure)])
    problems = [
        problem(file, line_of(root, [key]), f"'{key}' is not known here", f"remove '{key}', or check its spelling")
        for key in root
        if key not in ("regions", "sites")
    ]
    regions = _entries(Region, "regions", file, root, problems)
    sites = _entries(Site, "sites", file, root, problems)
    for index, site in sites.items():
        if site.region not in {region.id for region in regions.values()}:
            line = line_of(root, ["sites", index, "region"])
            what = f"'{site.region}' is not a region"
            problems.append(problem(file, line, what, "add it under 'regions', or correct its spelling"))
    if problems:
        raise DataFileError(problems)
    return Sites.of(sites.values(), regions.values(), threshold)


def _entries(model: type[Entry], key: str, file: Path, root: Any, problems: list[str]) -> dict[int, Entry]:
    """The entries of a list that are in order, by their place in it; what is wrong with others is added to `problems`."""
    entries: dict[int, Entry] = {}
    for index, value in enumerate(root[key]):
        try:
            entry = validated(model, value, file, root, [key, index])
        except DataFileError as error:
            problems += error.problems
            continue
        line = line_of(root, [key, index, "id"])
        if entry.id in {one.id for one in entries.values()}:
            problems.append(problem(file, line, f"'{entry.id}' is there twice", "remove one"))
        if entry.id in RESERVED or entry.id.startswith(SMALL_SITES):
            problems.append(problem(file, line, f"'{entry.id}' is a name that Handrail uses", "choose another id"))
        entries[index] = entry
    return entries


def _places_of(sites: Mapping[str, Site], threshold: int) -> dict[str, Place]:
    by_region: dict[str, list[Site]] = {}
    for site in sites.values():
        by_region.setdefault(site.region, []).append(site)
    places: dict[str, Place] = {}
    too_few: list[Site] = []
    for region, members in sorted(by_region.items()):
        if sum(site.staff for site in members) < threshold:
            too_few += members
            continue
        merged = _merged(members, threshold)
        for site in members:
            places[site.id] = Place(region, f"{SMALL_SITES}{region}" if site in merged else site.id)
    if sum(site.staff for site in too_few) >= threshold:
        places |= {site.id: Place(OTHER_REGIONS, OTHER_REGIONS) for site in too_few}
    return places


def _merged(members: list[Site], threshold: int) -> list[Site]:
    """The sites of a region that share a row: those under the threshold, and as many more as make that row large enough."""
    by_size = sorted(members, key=lambda site: (site.staff, site.id))
    merged = [site for site in by_size if site.staff < threshold]
    for site in by_size[len(merged) :]:
        if not merged or sum(one.staff for one in merged) >= threshold:
            break
        merged.append(site)
    return merged
