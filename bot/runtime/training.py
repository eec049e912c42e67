"""Training on first start, and only again when the phrases, the domain, the rules or the pipeline have changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bot.runtime.components import check_components

SOURCES = ("config.yml", "domain.yml", "data/nlu", "data/rules", "data/stories", "bot/nlu", "data/services")


def fingerprint(root: Path) -> str:
    """A short hash of everything that the model is made from."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = root / source
        files = sorted(file for file in path.rglob("*") if file.suffix in (".yml", ".py")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                digest.update(file.relative_to(root).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def current_model(models: Path, root: Path = Path()) -> Path | None:
    """The model of the present sources, or None when it has to be trained."""
    model = models / f"handrail-{fingerprint(root)}.tar.gz"
    return model if model.is_file() else None


def train_model(models: Path, root: Path = Path()) -> Path:
    """Train and return the model file. Raises DataFileError when config.yml names what is not installed."""
    check_components(root / "config.yml")
    import rasa.model_training

    name = f"handrail-{fingerprint(root)}"
    files = [str(root / "data" / part) for part in ("nlu", "rules")]
    stories = root / "data" / "stories"
    if stories.is_dir():
        files.append(str(stories))
    result = rasa.model_training.train(
        domain=str(root / "domain.yml"),
        config=str(root / "config.yml"),
        training_files=files,
        output=str(models),
        fixed_model_name=name,
        force_training=True,
    )
    if result.code != 0 or not result.model:
        raise RuntimeError("Training failed. `handrail rasa train` shows why.")
    return Path(result.model)
