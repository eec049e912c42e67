"""The hazard log agrees with the tests: each control names tests that exist, and each hazard is complete."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

SECTIONS = re.split(r"^## ", Path("docs/hazards.md").read_text(), flags=re.MULTILINE)[1:]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.split(" ")[0])
def test_each_hazard_is_complete_and_its_controls_are_tested(section: str) -> None:
    for part in ("Cause", "Effect", "Control", "Left", "Owner"):
        assert f"- {part}: " in section
    controls = [line for line in section.splitlines() if line.startswith("- Control")]
    for control in controls:
        named = re.findall(r"`(tests/[^`:]+)::([^`]+)`", control)
        assert named, f"no test is named: {control}"
        for file, test in named:
            tree = ast.parse(Path(file).read_text())
            assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{test}"


def test_the_hazards_are_numbered() -> None:
    assert [section.split(" ")[0] for section in SECTIONS] == [f"H{number + 1}" for number in range(len(SECTIONS))]
