"""The widget's pages (/, /embed, /demo) and which other origins may use the chat: those of HANDRAIL_EMBED_ORIGINS, else none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.directory import Helpline

HERE = Path(__file__).parent
CHAT = "/chat/"
SHOWN_WITHOUT_SCRIPT = ("emergency-999", "nhs-111-mental-health", "samaritans", "shout")
PAGES = {"/": "chat.html", "/embed": "embed.html", "/demo": "demo.html", "/demo/frame": "demo-frame.html"}
PAGES |= {"/demo/gallery": "gallery.html"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
)


class ChatCORS:
    """Lets pages of `origins` call the chat API. There are no cookies: the token goes in a header."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._chat = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chat = scope["type"] == "http" and scope["path"].startswith(CHAT)
        await (self._chat if chat else self._app)(scope, receive, send)


def page_headers(path: str, origins: Sequence[str]) -> dict[str, str]:
    """The policy of a page of the widget: only /embed may be framed, by ourselves and `origins`."""
    if path == "/embed":
        return {"Content-Security-Policy": " ".join([f"{POLICY}; frame-ancestors 'self'", *origins])}
    framed = "frame-src 'self'; " if path == "/demo/frame" else ""
    return {"Content-Security-Policy": f"{framed}{POLICY}; frame-ancestors 'none'", "X-Frame-Options": "DENY"}


def add_widget(app: FastAPI, helplines: Mapping[str, Helpline], origins: Sequence[str]) -> None:
    """Serve the widget's pages and files, and let `origins` use the chat API."""
    pages = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(["html"]))
    shown = [helplines[name] for name in SHOWN_WITHOUT_SCRIPT]

    def add_page(path: str, template: str) -> None:
        content = pages.get_template(template).render(helplines=shown, origins=" ".join(origins))
        headers = page_headers(path, origins)

        @app.get(path, response_class=HTMLResponse, include_in_schema=False)
        async def page() -> HTMLResponse:
            return HTMLResponse(content, headers=headers)

    for path, template in PAGES.items():
        add_page(path, template)
    app.mount("/static", GZipMiddleware(StaticFiles(directory=HERE / "static"), minimum_size=500), name="static")
    app.add_middleware(ChatCORS, origins=origins)
