"""Settings, roles and where to go next, each by itself; and what must agree."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st

from api.sign_in import Role, SignInSettings, add_sign_in, load_sign_in_settings
from api.sign_in.roles import find_claim, roles_from
from api.sign_in.sealed import name_of, seal, unseal
from api.sign_in.where_next import safe_next
from bot.settings import Settings
from bot.yaml_files import DataFileError

GOOD = {"oidc_issuer": "https://login.example/v2.0", "oidc_client_id": "x", "public_url": "https://handrail.example"}
WRONG = {
    "HANDRAIL_OIDC_ISSUER must start with https://": {"oidc_issuer": "http://login.example"},
    "HANDRAIL_OIDC_ISSUER is not a plain address": {"oidc_issuer": "https://login.example?tenant=1"},
    "HANDRAIL_OIDC_ISSUER is not an address": {"oidc_issuer": "https://login.example:port"},
    "HANDRAIL_OIDC_CLIENT_ID is not set": {"oidc_client_id": None},
    "HANDRAIL_PUBLIC_URL is not set": {"public_url": None},
    "HANDRAIL_PUBLIC_URL must start with https://": {"public_url": "http://handrail.example"},
    "HANDRAIL_PUBLIC_URL has a path": {"public_url": "https://handrail.example/chat"},
    "HANDRAIL_PUBLIC_URL is not a plain address": {"public_url": "handrail.example"},
    "HANDRAIL_OIDC_SCOPES does not hold openid": {"oidc_scopes": "profile"},
    "HANDRAIL_OIDC_MANAGERS is empty": {"oidc_managers": " , "},
    "HANDRAIL_OIDC_TUNERS": {"oidc_tuners": "[not json"},
    "HANDRAIL_OIDC_CLIENT_SECRET is set, but HANDRAIL_OIDC_ISSUER is not": {
        "oidc_issuer": None,
        "oidc_client_secret": "tops3cret",
    },
    "HANDRAIL_SIGN_IN_HOURS": {"sign_in_hours": 13},
    "HANDRAIL_SIGN_IN_IDLE_MINUTES": {"sign_in_idle_minutes": 600},
}


@pytest.mark.parametrize("problem", WRONG)
def test_a_wrong_setting_is_named_with_its_cure_and_without_its_value(problem: str) -> None:
    with pytest.raises(DataFileError) as told:
        load_sign_in_settings(**(GOOD | {"oidc_client_secret": "tops3cret"} | WRONG[problem]))
    assert problem in str(told.value)
    assert "To mend it: " in str(told.value) or "See docs/settings.md" in str(told.value)
    assert "tops3cret" not in str(told.value)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(f"HANDRAIL_{name.upper()}", value)
    monkeypatch.setenv("HANDRAIL_OIDC_MANAGERS", "Heads of Function,Governors")
    monkeypatch.setenv("HANDRAIL_OIDC_TUNERS", '["HR, North"]')
    monkeypatch.setenv("HANDRAIL_OIDC_ADMINS", "")
    settings = load_sign_in_settings()
    assert settings.by_provider and settings.origin == "https://handrail.example"
    assert settings.names_of_roles == {
        Role.MANAGER: ("Heads of Function", "Governors"),
        Role.TUNER: ("HR, North",),
        Role.ADMIN: ("admin",),
    }


@pytest.mark.parametrize(
    "written", ["https://Handrail.example/", "https://handrail.example:443", "HTTPS://handrail.example"]
)
def test_the_public_address_is_compared_as_browsers_write_it(written: str) -> None:
    assert load_sign_in_settings(**(GOOD | {"public_url": written})).origin == "https://handrail.example"


CLAIMS = {
    "roles": ["manager"],
    "realm_access": {"roles": ["tuner", 7]},
    "https://handrail.example/roles": "admin",
    "resource_access": {"handrail": {"roles": ["manager", "admin"]}},
}
NAMES = {Role.MANAGER: ("manager",), Role.TUNER: ("tuner",), Role.ADMIN: ("admin",)}


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("roles", {Role.MANAGER}),
        ("realm_access.roles", {Role.TUNER}),
        ("https://handrail.example/roles", {Role.ADMIN}),
        ("resource_access.handrail.roles", {Role.MANAGER, Role.ADMIN}),
        ("realm_access", set()),
        ("roles.more", set()),
        ("absent", set()),
    ],
)
def test_roles_are_found_by_name_or_dotted_path(path: str, roles: set[Role]) -> None:
    assert roles_from(find_claim(CLAIMS, path), NAMES) == roles


@pytest.mark.parametrize(
    "claim", ["Manager", "managers", "manager ", "manager,admin", {"manager": True}, True, 1, None, [["manager"]]]
)
def test_nothing_but_the_very_name_gives_a_role(claim: object) -> None:
    assert roles_from(claim, NAMES) == frozenset()


@pytest.mark.parametrize("good", ["/figures", "/figures?region=North%20East&week=2026-W40", "/", "/a/b#c"])
def test_own_pages_are_gone_to(good: str) -> None:
    assert safe_next(good, "/home") == good


@pytest.mark.parametrize(
    "bad",
    [
        None, "", "figures", "https://elsewhere.example", "//elsewhere.example", "///elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere.example",
        "javascript:alert(1)", "/\t/elsewhere.example", "\n//elsewhere.example", " //elsewhere.example", "/sign-in", "/sign-out", "/x\r\nSet-Cookie: a=b",
        "/é", "/" + "x" * 500, "http:/figures", "//[", "/sign-in/callback?code=1",
    ],
)  # fmt: skip
def test_anything_else_leads_home(bad: str | None) -> None:
    assert safe_next(bad, "/home") == "/home"


@given(st.text(alphabet=st.sampled_from("/\\.:@?#%[]htps elsw\t\n\r\x00"), max_size=12))
def test_no_text_leads_to_another_site(text: str) -> None:
    target = urlsplit(urljoin("https://handrail.example/sign-in", safe_next(text, "/home")))
    assert (target.scheme, target.netloc) == ("https", "handrail.example")


def test_what_is_sealed_opens_only_with_its_own_secret() -> None:
    sealed = seal("session", "a-secret", b"manager")
    assert b"manager" not in sealed and "a-secret" not in name_of("session", "a-secret")
    assert unseal("session", "a-secret", sealed) == b"manager"
    assert unseal("session", "b-secret", sealed) is None and unseal("sign-in", "a-secret", sealed) is None
    assert unseal("session", "a-secret", sealed[:-2] + b"xx") is None


def test_every_setting_and_address_of_sign_in_is_documented() -> None:
    text = Path("docs/settings.md").read_text()
    for name in SignInSettings.model_fields:
        assert f"`HANDRAIL_{name.upper()}`" in text
    for given_ in ({}, GOOD):
        app = FastAPI()
        add_sign_in(app, load_sign_in_settings(**given_), Settings())
        for route in app.routes:
            if isinstance(route, APIRoute):
                for method in route.methods:
                    assert f"`{method} {route.path}`" in text


def test_the_style_sheet_does_not_use_the_font_of_gov_uk() -> None:
    folder = Path("api/static/vendor/govuk-frontend")
    style = (folder / "govuk-frontend.css").read_text()
    assert "GDS Transport" not in style and "font-face" not in style
    assert "MIT" in (folder / "LICENSE.txt").read_text()
