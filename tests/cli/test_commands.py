"""The command line, run as people run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.service import Service

HANDRAIL = str(Path(sys.executable).with_name("handrail"))


def run(
    *arguments: str, typed: str | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HANDRAIL, *arguments], capture_output=True, text=True, timeout=300, input=typed, env=env)


@pytest.mark.usefixtures("service")
def test_try_gives_one_object_a_line(tmp_path: Path) -> None:
    lines = ["cut a lad down on Tuesday and I can't get it out of my head", "is it confidential", "x" * 2001]
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(lines))
    done = run("try", "--file", str(file))
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 3
    assert set(rows[0]) == {"text", "intent", "confidence", "ranking", "risk", "answers", "reply"}
    assert {"oh-fast-track-trauma", "eap-trauma", "trim"} <= set(rows[0]["answers"])
    assert {"level", "subject"} <= set(rows[0]["risk"])
    assert "question:confidentiality" in rows[1]["answers"]
    assert rows[2]["error"] == "too-long"


def test_chat_in_the_terminal(service: Service) -> None:
    done = run("chat", typed="in debt and the bailiffs are coming\nis it confidential\n")
    assert done.returncode == 0, done.stderr
    assert "Money" in done.stdout and "Confidential" in done.stdout and "(open now)" in done.stdout


def test_directory_check_names_file_line_and_cure(tmp_path: Path) -> None:
    data = shutil.copytree("data", tmp_path / "data", ignore=shutil.ignore_patterns("nlu", "deployment.yml"))
    file = data / "services" / "on-site.yml"
    file.write_text(file.read_text().replace("checked_on:", "chekced_on:", 1))
    done = run("directory", "check", env={"HANDRAIL_DATA": str(data), "PATH": "/usr/bin:/bin"})
    assert done.returncode == 1
    assert "on-site.yml:" in done.stderr and "checked_on" in done.stderr
    assert "Traceback" not in done.stderr


def test_rasa_refuses_a_component_that_is_not_installed(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("recipe: default.v1\nlanguage: en\npipeline:\n- name: DIETClassifier\n")
    done = run("rasa", "train", "--config", str(config))
    assert done.returncode == 1
    assert done.stderr.strip().count("\n") == 0 and "config.yml:4" in done.stderr and "tensorflow" in done.stderr


def test_rasas_own_validator_finds_nothing_wrong() -> None:
    done = run("rasa", "data", "validate", "--fail-on-warnings")
    assert done.returncode == 0, done.stderr[-500:]


def test_telegram_without_a_token_says_how_to_turn_it_on() -> None:
    done = run("telegram")
    assert done.returncode == 1 and "HANDRAIL_TELEGRAM_TOKEN" in done.stderr


@pytest.mark.parametrize("address", ["http://x.example/webhooks/telegram", "https://x.example/", "x.example"])
def test_a_webhook_that_telegram_would_not_call_stops_the_start_with_a_cure(address: str, tmp_path: Path) -> None:
    settings = {"HANDRAIL_TELEGRAM_TOKEN": "1:canary-token", "HANDRAIL_TELEGRAM_WEBHOOK": address}
    settings["HANDRAIL_DATABASE_URL"] = f"sqlite:///{tmp_path}/usage.db"
    done = run("serve", env={**os.environ, **settings})
    assert done.returncode == 1 and "must start with https:// and end in /webhooks/telegram" in done.stderr
    assert "canary-token" not in done.stderr + done.stdout


def test_a_wrong_setting_is_named_and_not_repeated() -> None:
    done = run("usage", env={**os.environ, "HANDRAIL_EMBED_ORIGINS": "https://*.zebra.example"})
    assert done.returncode == 1
    assert "HANDRAIL_EMBED_ORIGINS" in done.stderr and "without a path" in done.stderr
    assert "zebra" not in done.stderr and "Traceback" not in done.stderr
