"""Settings of sign-in, from the environment (HANDRAIL_OIDC_..., HANDRAIL_SIGN_IN_..., HANDRAIL_PUBLIC_URL)."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.sign_in.people import Role
from bot.yaml_files import DataFileError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Names = Annotated[tuple[str, ...], NoDecode]


class SignInSettings(BaseSettings):
    """Every setting is described in docs/settings.md; a test compares the two. Build it with `load_sign_in_settings`."""

    model_config = SettingsConfigDict(env_prefix="HANDRAIL_", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)  # fmt: skip

    public_url: str | None = None
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_scopes: str = "openid"
    oidc_roles_claim: str = "roles"
    oidc_managers: Names = ("manager",)
    oidc_tuners: Names = ("tuner",)
    oidc_admins: Names = ("admin",)
    sign_in_idle_minutes: float = Field(default=30, ge=1, le=60)
    sign_in_hours: float = Field(default=8, gt=0, le=12)
    sign_in_attempts: int = Field(default=30, ge=3, le=1000)

    @field_validator("oidc_managers", "oidc_tuners", "oidc_admins", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        """`A, B` or, for names that hold a comma, a JSON list."""
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("["):
            return json.loads(value)
        return tuple(name.strip() for name in value.split(",") if name.strip())

    @property
    def by_provider(self) -> bool:
        """Whether people sign in with an OpenID Connect provider, rather than with a one-time link on a laptop."""
        return self.oidc_issuer is not None

    @property
    def names_of_roles(self) -> dict[Role, tuple[str, ...]]:
        return {Role.MANAGER: self.oidc_managers, Role.TUNER: self.oidc_tuners, Role.ADMIN: self.oidc_admins}

    @property
    def origin(self) -> str:
        """`public_url` as browsers write an origin: small letters, no slash, no port that is the scheme's own."""
        parts = urlsplit(self.public_url or "")
        own_port = {"https": 443, "http": 80}.get(parts.scheme)
        host = parts.netloc.lower().removesuffix(f":{own_port}")
        return f"{parts.scheme}://{host}"


def load_sign_in_settings(**given: object) -> SignInSettings:
    """The settings, checked. Raises DataFileError, a line for each problem: the setting, what is wrong, how to mend it."""
    try:
        settings = SignInSettings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        lines = [
            f"HANDRAIL_{str(one['loc'][0]).upper()}: {one['msg']}. See docs/settings.md."
            for one in error.errors(include_input=False, include_url=False)
        ]
        raise DataFileError(lines) from None
    if problems := _problems(settings):
        raise DataFileError(problems)
    return settings


def _problems(settings: SignInSettings) -> list[str]:
    if settings.oidc_issuer is None:
        set_anyway = [
            name for name in ("oidc_client_id", "oidc_client_secret") if getattr(settings, name) is not None
        ]  # fmt: skip
        return [
            f"HANDRAIL_{name.upper()} is set, but HANDRAIL_OIDC_ISSUER is not. "
            "To mend it: set HANDRAIL_OIDC_ISSUER to the address of your sign-in provider."
            for name in set_anyway
        ]
    found = []
    if problem := _address_problem("HANDRAIL_OIDC_ISSUER", settings.oidc_issuer):
        found.append(problem)
    if settings.oidc_client_id is None:
        found.append(
            "HANDRAIL_OIDC_CLIENT_ID is not set. To mend it: copy the client (application) id from your provider."
        )
    if settings.public_url is None:
        found.append(
            "HANDRAIL_PUBLIC_URL is not set. To mend it: give the address that browsers use, like https://handrail.example"
        )
    elif problem := _address_problem("HANDRAIL_PUBLIC_URL", settings.public_url):
        found.append(problem)
    elif urlsplit(settings.public_url).path not in ("", "/"):
        found.append(
            "HANDRAIL_PUBLIC_URL has a path. To mend it: give only scheme and host, like https://handrail.example"
        )
    if "openid" not in settings.oidc_scopes.split():
        found.append("HANDRAIL_OIDC_SCOPES does not hold openid. To mend it: add openid, separated by spaces.")
    found += [
        f"HANDRAIL_OIDC_{role.upper()}S is empty, so nobody could be a {role}. To mend it: name a group, or leave the setting out."
        for role, names in settings.names_of_roles.items()
        if not names
    ]
    return found


def _address_problem(name: str, address: str) -> str | None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises when the port is not a number
    except ValueError:
        return f"{name} is not an address. To mend it: give one that starts with https://"
    if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
        return f"{name} is not a plain address. To mend it: give one like https://example.org, without a user, ? or #."
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return None
    return f"{name} must start with https:// (http:// is only for this computer itself). To mend it: use https."
