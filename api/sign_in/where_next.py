"""Where to go after signing in: only ever a page of this service."""

from __future__ import annotations

from urllib.parse import urlsplit

MAX_LENGTH = 500
OWN_PAGES = ("/sign-in", "/sign-out")


def safe_next(wanted: str | None, home: str) -> str:
    """`wanted` when it is a plain path (and query) on this site, else `home`: a link must not lead elsewhere."""
    if not wanted or len(wanted) > MAX_LENGTH or not wanted.isprintable() or not wanted.isascii():
        return home
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted or " " in wanted:
        return home
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return home
    if parts.scheme or parts.netloc or parts.path.startswith(OWN_PAGES):
        return home
    return wanted
