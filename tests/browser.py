"""Debian's Chromium for the tests of one file: while it runs, no other event loop can run in this thread."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def running_chromium(**options: Any) -> Iterator[Browser]:
    """A browser. Skips the test where there is none, unless HANDRAIL_TEST_BROWSER=required."""
    if CHROMIUM is None:
        if os.environ.get("HANDRAIL_TEST_BROWSER") == "required":
            pytest.fail("Chromium is needed")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, **options)
        yield browser
        browser.close()
