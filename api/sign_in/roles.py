"""Roles from what the provider says: a claim, found by name or dotted path, holding one name or a list."""

from __future__ import annotations

from collections.abc import Mapping

from api.sign_in.people import Role


def find_claim(claims: Mapping[str, object], path: str) -> object:
    """The claim of that very name, else the one that the dotted path leads to, else None."""
    if path in claims:
        return claims[path]
    found: object = claims
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def roles_from(claim: object, names_of_roles: Mapping[Role, tuple[str, ...]]) -> frozenset[Role]:
    """The roles whose names are in `claim`; a claim of any other form gives none. Names must be the same, letter for letter."""
    values = [claim] if isinstance(claim, str) else claim if isinstance(claim, list) else []
    given = {value for value in values if isinstance(value, str)}
    return frozenset(role for role, names in names_of_roles.items() if given.intersection(names))
