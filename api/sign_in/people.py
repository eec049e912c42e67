"""Who has signed in, as far as a page may know: roles, and nothing that says who it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What someone may do. Roles are independent: an admin who should see figures is also given `manager`."""

    MANAGER = "manager"
    TUNER = "tuner"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who is signed in. No name, e-mail or identifier: only the roles, and the token that their forms carry."""

    roles: frozenset[Role]
    csrf_token: str

    def may(self, role: Role) -> bool:
        return role in self.roles


EVERY_ROLE = frozenset(Role)
