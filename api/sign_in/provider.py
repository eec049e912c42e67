"""The OpenID Connect provider (Entra ID, Keycloak, any other that supports discovery), by Authlib.

Authorisation code with PKCE (S256), state and nonce. Checked in the ID token: signature by the provider's published keys with
an asymmetric algorithm, issuer, audience, expiry, nonce, at_hash. Only the roles leave this file: no name, no identifier, no token.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import ExpiredTokenError, JoseError

from api.sign_in.people import Role
from api.sign_in.roles import find_claim, roles_from
from api.sign_in.settings import SignInSettings

logging.getLogger("authlib").setLevel(logging.WARNING)  # at DEBUG it prints the code verifier

CALLBACK = "/sign-in/callback"
SIGNED_OUT = "/sign-in/signed-out"
SECONDS = 5.0
KNOWN_FOR = 3600
LEEWAY = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
DISCOVERED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderAwayError(Exception):
    """The provider cannot be reached, or answers what cannot be used. `str()` is a word for the log."""


class SignInRefusedError(Exception):
    """The provider, or the check of its answer, said no. `str()` is a word for the log and for the page's words."""


@dataclass(frozen=True)
class Started:
    """A sign-in under way: where to send the browser, and what must come back or be shown again."""

    url: str
    state: str
    nonce: str
    code_verifier: str


class Provider:
    """One provider. Its metadata is read at the first sign-in and again each hour, so it may be away when Handrail starts."""

    def __init__(self, settings: SignInSettings) -> None:
        self._settings = settings
        self._known: Any = None

    async def start(self, *, another_account: bool = False) -> Started:
        """Begin a sign-in. Raises ProviderAwayError."""
        client = await self._client()
        more = {"prompt": "login"} if another_account else {}
        made = await client.create_authorization_url(self._settings.origin + CALLBACK, **more)
        return Started(made["url"], made["state"], made["nonce"], made["code_verifier"])

    async def finish(self, code: str, issuer: str | None, nonce: str, code_verifier: str) -> frozenset[Role]:
        """The roles of the person who came back with `code`. Raises ProviderAwayError and SignInRefusedError."""
        client = await self._client()
        metadata = client.server_metadata
        if issuer != metadata["issuer"] and (
            issuer is not None or metadata.get("authorization_response_iss_parameter_supported")
        ):
            raise SignInRefusedError("wrong-issuer")
        try:
            return await self._roles(client, code, nonce, code_verifier)
        except OAuthError as error:
            if error.error in ("invalid_client", "unauthorized_client"):
                raise ProviderAwayError("client-not-accepted") from None
            raise SignInRefusedError("code-not-accepted") from None
        except httpx2.HTTPError as error:
            raise ProviderAwayError(type(error).__name__) from None
        except ExpiredTokenError:
            raise SignInRefusedError("token-expired") from None
        except JoseError as error:
            raise SignInRefusedError(f"token-not-valid:{error.error}") from None
        except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
            raise SignInRefusedError("token-not-readable") from None

    async def sign_out_url(self) -> str | None:
        """Where to end the provider's own session, or None when it has no such address or is away."""
        try:
            client = await self._client()
        except ProviderAwayError:
            return None
        if not client.server_metadata.get("end_session_endpoint"):
            return None
        made = await client.create_logout_url(
            post_logout_redirect_uri=self._settings.origin + SIGNED_OUT, client_id=self._settings.oidc_client_id
        )
        return str(made["url"])

    async def _roles(self, client: Any, code: str, nonce: str, code_verifier: str) -> frozenset[Role]:
        token = await client.fetch_access_token(
            redirect_uri=self._settings.origin + CALLBACK, code=code, code_verifier=code_verifier
        )
        wanted = {
            "iss": {"essential": True, "value": client.server_metadata["issuer"]},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
            "exp": {"essential": True},
            "nonce": {"essential": True},
        }
        claims = await client.parse_id_token(token, nonce=nonce, claims_options=wanted, leeway=LEEWAY)
        if claims is None:
            raise SignInRefusedError("no-id-token")
        claim = find_claim(claims, self._settings.oidc_roles_claim)
        if claim is None and client.server_metadata.get("userinfo_endpoint"):
            more = await client.userinfo(token=token)
            if more.get("sub") != claims["sub"]:
                raise SignInRefusedError("userinfo-of-another")
            claim = find_claim(more, self._settings.oidc_roles_claim)
        return roles_from(claim, self._settings.names_of_roles)

    async def _client(self) -> Any:
        """Authlib's client, with metadata that was read within the hour and checked. Raises ProviderAwayError."""
        if self._known is None or time.time() - self._known.server_metadata["_loaded_at"] > KNOWN_FOR:
            client = self._new_client()
            try:
                await client.load_server_metadata()
            except httpx2.HTTPError as error:
                raise ProviderAwayError(type(error).__name__) from None
            except (ValueError, TypeError):
                raise ProviderAwayError("metadata-not-readable") from None
            self._check(client)
            self._known = client
        return self._known

    def _new_client(self) -> Any:
        settings, secret = self._settings, self._settings.oidc_client_secret
        return OAuth().register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=secret.get_secret_value() if secret else None,
            server_metadata_url=f"{(settings.oidc_issuer or '').rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": settings.oidc_scopes, "code_challenge_method": "S256", "timeout": SECONDS},
        )

    def _check(self, client: Any) -> None:
        """Refuse metadata of another issuer or without encryption, and algorithms that are not asymmetric."""
        wanted, metadata = (self._settings.oidc_issuer or "").rstrip("/"), client.server_metadata
        if str(metadata.get("issuer", "")).rstrip("/") != wanted:
            raise ProviderAwayError("issuer-differs")
        for name in DISCOVERED:
            if urlsplit(str(metadata.get(name, ""))).scheme not in {"https", urlsplit(wanted).scheme}:
                raise ProviderAwayError("metadata-incomplete")
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = [name for name in ALGORITHMS if name in offered]
        ways = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        client.client_kwargs["token_endpoint_auth_method"] = way if self._settings.oidc_client_secret else "none"
