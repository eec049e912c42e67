"""Providers that answer what cannot be used: Handrail says that signing in does not work, and goes on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from cli.service import Service
from tests.sign_in.conftest import Heard
from tests.sign_in.serving import free_port, serving

ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@pytest.fixture
def strange() -> Iterator[ThreadingHTTPServer]:
    """A server that answers every request with its `status` and `body`."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(server.status)  # type: ignore[attr-defined]
            self.end_headers()
            self.wfile.write(server.body)  # type: ignore[attr-defined]

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


STRANGE: dict[str, tuple[int, dict[str, object] | str, str]] = {
    "an error": (500, "", "HTTPStatusError"),
    "not found": (404, "<h1>Nothing</h1>", "HTTPStatusError"),
    "a web page": (200, "<h1>Welcome</h1>", "metadata-not-readable"),
    "a list": (200, "[1, 2]", "metadata-not-readable"),
    "nothing": (200, "", "metadata-not-readable"),
    "no issuer": (200, dict.fromkeys(ADDRESSES, "{}/x"), "issuer-differs"),
    "another issuer": (
        200,
        {"issuer": "https://elsewhere.example"} | dict.fromkeys(ADDRESSES, "{}/x"),
        "issuer-differs",
    ),
    "no token endpoint": (
        200,
        {"issuer": "{}", "authorization_endpoint": "{}/x", "jwks_uri": "{}/x"},
        "metadata-incomplete",
    ),
    "a script": (200, {"issuer": "{}"} | dict.fromkeys(ADDRESSES, "javascript:alert(1)"), "metadata-incomplete"),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_metadata_that_cannot_be_used(
    quick_service: Service, strange: ThreadingHTTPServer, kind: str, heard: Heard
) -> None:
    issuer = f"http://127.0.0.1:{strange.server_port}"
    status, body, reason = STRANGE[kind]
    text = json.dumps(body) if isinstance(body, dict) else body
    strange.status, strange.body = status, text.replace("{}", issuer).encode()  # type: ignore[attr-defined]
    settings = {"oidc_issuer": issuer, "oidc_client_id": "x", "public_url": "https://handrail.example"}
    with serving(quick_service, free_port(), **settings) as site, httpx.Client(base_url=site.address) as http:
        answer = http.get("/sign-in", headers={"Accept": "text/html"})
        assert answer.status_code == 503 and "does not work at the moment" in answer.text
        assert f"handrail.sign_in sign_in_away reason={reason}" in heard.lines
        assert http.post("/chat/sessions").status_code == 201
        good = {"issuer": issuer} | dict.fromkeys(ADDRESSES, f"{issuer}/x")
        strange.status, strange.body = 200, json.dumps(good).encode()  # type: ignore[attr-defined]
        assert http.get("/sign-in").status_code == 303, "and works again as soon as the provider does"
