"""A whole Handrail with three pages that need a role, over TLS or on loopback, with a clock that tests turn."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import Depends, FastAPI, Form, Response

from api.app import create_app
from api.pages import page
from api.server import make_server
from api.sign_in import Person, Role, SignIn, add_sign_in, load_sign_in_settings, require
from bot.settings import Settings
from cli.service import Service

CLIENT_SECRET = "client-secret-of-the-tests"


@dataclass
class Clock:
    """Seconds since 1970, as far as sign-in knows."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now

    def pass_minutes(self, minutes: float) -> None:
        self.now += minutes * 60


@dataclass
class Site:
    """A running Handrail. `links` are the one-time links that it has printed, `saved` what its form was sent."""

    address: str
    clock: Clock
    app: FastAPI
    sign_in: SignIn
    links: list[str]
    saved: list[str]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def make_certificate(folder: Path) -> Path:
    """A certificate with its key for localhost, as one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "localhost.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*plain))
    return file


def add_pages(app: FastAPI, saved: list[str]) -> None:
    """What other parts of Handrail do with sign-in."""

    def shown(heading: str, person: Person) -> Response:
        return page("sign_in/message.html", heading=heading, paragraphs=[], person=person)

    @app.get("/figures", include_in_schema=False)
    def figures(person: Person = Depends(require(Role.MANAGER))) -> Response:
        return shown("Figures", person)

    @app.get("/phrases", include_in_schema=False)
    def phrases(person: Person = Depends(require(Role.TUNER))) -> Response:
        return shown("Phrases", person)

    @app.post("/figures", include_in_schema=False)
    def save(text: str = Form(), person: Person = Depends(require(Role.MANAGER))) -> Response:
        saved.append(text)
        return shown("Saved", person)

    @app.get("/figures.json", include_in_schema=False)
    def as_json(person: Person = Depends(require(Role.MANAGER, api=True))) -> list[str]:
        return sorted(person.roles)

    @app.delete("/figures.json", include_in_schema=False)
    def delete(person: Person = Depends(require(Role.MANAGER, api=True))) -> str:
        saved.append("deleted")
        return "gone"


@contextlib.contextmanager
def serving(
    service: Service,
    port: int,
    *,
    certificate: Path | None = None,
    listen: str = "127.0.0.1",
    settings: Settings | None = None,
    **sign_in: object,
) -> Iterator[Site]:
    """Serve on `port`, with the settings of sign-in given by name."""
    settings = settings or Settings(port=port)
    clock, links, saved = Clock(), list[str](), list[str]()
    app = create_app(service.conversation, service.sessions, settings)
    added = add_sign_in(
        app, load_sign_in_settings(**sign_in), settings, home="/figures", clock=clock, show=links.append
    )  # fmt: skip
    add_pages(app, saved)
    server = make_server(app, listen, port)
    if certificate is not None:
        server.config.ssl_certfile = str(certificate)
    server.config.timeout_graceful_shutdown = 0  # Chromium leaves TLS connections open
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    assert server.started, "the server did not start"
    try:
        yield Site(f"{'https' if certificate else 'http'}://{'localhost' if certificate else '127.0.0.1'}:{port}", clock, app, added, links, saved)  # fmt: skip
    finally:
        server.should_exit = True
        thread.join(timeout=10)
