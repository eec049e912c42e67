"""The committed bundle is what the sources build to, small enough, and holds the helplines of the directory."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from api.widget import SHOWN_WITHOUT_SCRIPT
from bot.directory import load_directory

BUNDLE = Path("api/static/widget")
WIDGET = ("handrail-chat.js", "handrail-embed.js", "handrail-frame.js")
MOST_BYTES = 15_000


@pytest.fixture(scope="module")
def packages() -> Path:
    """web/ with its packages, as the lock file names them."""
    if shutil.which("npm") is None:
        if os.environ.get("HANDRAIL_TEST_NODE") == "required":
            pytest.fail("HANDRAIL_TEST_NODE=required, but npm is not installed")
        pytest.skip("npm is not installed: the bundle cannot be built here to compare")
    web = Path("web").resolve()
    if not (web / "node_modules" / "esbuild").exists() or os.environ.get("HANDRAIL_TEST_NODE") == "required":
        command = ["npm", "ci", "--no-fund", "--no-audit"]
        done = subprocess.run(command, cwd=web, capture_output=True, text=True, timeout=300)
        if done.returncode != 0 and os.environ.get("HANDRAIL_TEST_NODE") == "required":
            pytest.fail(f"npm ci failed:\n{done.stderr}")
        if done.returncode != 0:
            pytest.skip("npm could not fetch the packages: the bundle cannot be built here to compare")
    return web


def test_the_bundle_equals_a_fresh_build(packages: Path, tmp_path: Path) -> None:
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=packages, check=True, timeout=120)
    built = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    committed = {file.name: file.read_bytes() for file in BUNDLE.iterdir()}
    assert built.keys() == committed.keys()
    assert [name for name in built if built[name] != committed[name]] == [], "run: make widget"


def test_the_types_and_the_linter_are_content(packages: Path) -> None:
    done = subprocess.run(["npm", "run", "check"], cwd=packages, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_at_most_15_kb_in_total() -> None:
    assert sum(len(gzip.compress((BUNDLE / name).read_bytes(), 9)) for name in WIDGET) <= MOST_BYTES


def test_it_holds_the_helplines_of_the_directory() -> None:
    text = (BUNDLE / "handrail-chat.js").read_text()
    for name in SHOWN_WITHOUT_SCRIPT:
        one = load_directory(Path("data")).helplines[name]
        assert one.shown and f'name:"{one.name}"' in text
        assert not one.phone or f'phone:"{one.phone}"' in text
        assert not one.sms or f'sms:"{one.sms}"' in text
        assert not one.option or f'option:"{one.option}"' in text


def test_it_names_no_other_place_and_needs_no_eval() -> None:
    for file in BUNDLE.iterdir():
        text = file.read_text()
        assert "eval(" not in text and "new Function" not in text
        assert "localStorage" not in text and "sessionStorage" not in text and "indexedDB" not in text
        addresses = [part.split('"')[0].split("`")[0] for part in text.split("https://")[1:]]
        assert set(addresses) <= {"www.bbc.co.uk/weather"}, "the page to leave to is the only address"
