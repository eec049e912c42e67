"""Checks config.yml before training: a component that needs an absent package is refused with one clear line."""

from __future__ import annotations

from pathlib import Path

from bot.runtime.stand_ins import is_absent
from bot.yaml_files import DataFileError, line_of, problem, read_yaml

NEEDED_IMPORT = {
    "DIETClassifier": "tensorflow",
    "TEDPolicy": "tensorflow",
    "UnexpecTEDIntentPolicy": "tensorflow",
    "ResponseSelector": "tensorflow",
    "ConveRTFeaturizer": "tensorflow",
    "LanguageModelFeaturizer": "transformers",
    "MitieNLP": "mitie",
    "MitieFeaturizer": "mitie",
    "MitieIntentClassifier": "mitie",
    "MitieEntityExtractor": "mitie",
    "JiebaTokenizer": "jieba",
}


def check_components(config: Path) -> None:
    """Raises DataFileError for each component in `config` whose package is not installed."""
    root = read_yaml(config) or {}
    problems = []
    for part in ("pipeline", "policies"):
        for index, entry in enumerate(root.get(part) or []):
            name = str(entry.get("name") if isinstance(entry, dict) else entry).rsplit(".", 1)[-1]
            package = NEEDED_IMPORT.get(name)
            if package and missing(package):
                what = f"the component {name} needs the package '{package}', which is not installed"
                problems.append(
                    problem(config, line_of(root, [part, index]), what, f"uv add {package}, or use another component")
                )
    if problems:
        raise DataFileError(problems)


def missing(package: str) -> bool:
    """Whether `package` is not really installed, whatever stands in for it."""
    import importlib.util

    return importlib.util.find_spec(package) is None or is_absent(package)
