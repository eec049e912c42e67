"""Intranet pages of another origin, served by a small server of their own with the strictest policy that a page can have."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

ELEMENT = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Intranet</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/host.css">
<script src="{server}/static/widget/handrail-chat.js" defer></script></head>
<body><main><h1>Intranet</h1><handrail-chat server="{server}" site="hmp-anywhere" label="Ask us"></handrail-chat></main></body></html>"""
FRAME = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Intranet</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/host.css">
<script src="/host.js"></script><script src="{server}/static/widget/handrail-frame.js" defer></script></head>
<body><main><h1>Intranet</h1><iframe data-handrail title="Wellbeing support chat" src="{server}/embed" sandbox="{sandbox}"></iframe>
<iframe id="other" title="Another" src="/forger"></iframe></main></body></html>"""
FORGER = """<!DOCTYPE html><html lang="en-GB"><title>Another</title><script src="/forger.js"></script></html>"""
FORGER_SCRIPT = """addEventListener('message', () => { parent.postMessage({type: 'handrail:size', height: 800}, '*');
parent.postMessage({type: 'handrail:exit', url: 'https://evil.example/'}, '*'); parent.postMessage('forged', '*'); });"""
HOST_SCRIPT = """window.messages = []; window.fromOther = 0; addEventListener('message', (event) => {
if (event.data === 'forged') window.fromOther += 1; else if (event.source !== window) window.messages.push(event.data); });"""
HOST_STYLE = """button { background: red !important; text-transform: uppercase !important; } iframe { width: 100%; height: 400px; border: 0; }
#other { height: 20px; } handrail-chat { --handrail-brand: rgb(99, 0, 99); }"""
POLICY = (
    "default-src 'none'; script-src {server} 'self'; connect-src {server}; style-src 'self'; frame-src {server} 'self'; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types lit-html"
)
SANDBOX = "allow-scripts allow-same-origin allow-popups allow-modals allow-top-navigation-by-user-activation"
SANDBOXES = {
    "/frame": SANDBOX,
    "/frame-tight": "allow-scripts allow-same-origin",
    "/frame-opaque": "allow-scripts",
}


def host_app(server: str) -> FastAPI:
    """Pages that hold the chat of `server`."""
    app = FastAPI()
    policy = {"Content-Security-Policy": POLICY.format(server=server)}

    def page(path: str, content: str) -> None:
        @app.get(path)
        def get() -> HTMLResponse:
            return HTMLResponse(content, headers=policy)

    page("/element", ELEMENT.format(server=server))
    page("/other", "<!DOCTYPE html><title>Other</title><h1>Other</h1>")
    page("/forger", FORGER)
    for path, sandbox in SANDBOXES.items():
        page(path, FRAME.format(server=server, sandbox=sandbox))
    files = {
        "/host.js": (HOST_SCRIPT, "text/javascript"),
        "/forger.js": (FORGER_SCRIPT, "text/javascript"),
        "/host.css": (HOST_STYLE, "text/css"),
        "/favicon.ico": ("", "image/x-icon"),
    }

    def served(path: str, content: str, media: str) -> None:
        @app.get(path)
        def get() -> Response:
            return Response(content, media_type=media)

    for path, (content, media) in files.items():
        served(path, content, media)
    return app
