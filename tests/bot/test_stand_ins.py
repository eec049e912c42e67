"""Absent packages: refused by name when used, and out of the way when really installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.runtime.components import check_components
from bot.yaml_files import DataFileError


def test_a_component_that_needs_tensorflow_is_refused_with_one_line(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("pipeline:\n- name: WhitespaceTokenizer\n- name: DIETClassifier\n")
    with pytest.raises(DataFileError) as refused:
        check_components(config)
    assert refused.value.problems == [
        f"{config}:3: the component DIETClassifier needs the package 'tensorflow', which is not installed. "
        "To mend it: uv add tensorflow, or use another component"
    ]


def run(code: str, folder: Path | None = None) -> str:
    code = f"import sys; sys.path.insert(0, {str(folder)!r})\n{code}" if folder else code
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_using_a_stand_in_names_the_package() -> None:
    code = """
from bot.runtime import stand_ins
stand_ins.install()
import tensorflow as tf
class Layer(tf.keras.layers.Layer): pass
try:
    tf.constant(1)(2)
except ImportError as error:
    print(error)
"""
    assert run(code) == "This needs the package 'tensorflow', which Handrail leaves out. To add it: uv add tensorflow"


def test_a_package_that_is_really_there_wins(tmp_path: Path) -> None:
    (tmp_path / "tensorflow.py").write_text("real = True\n")
    code = "from bot.runtime import stand_ins\nstand_ins.install()\nimport tensorflow\nprint(tensorflow.real)"
    assert run(code, tmp_path) == "True"
