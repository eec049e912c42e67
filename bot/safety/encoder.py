"""The encoder that reads text for risk: all-mpnet-base-v2, tuned on the risk examples (training/tune_risk_encoder.py).

Why it is another than the one for intents: docs/decisions/0006-tuned-risk-encoder.md and 0013-larger-risk-encoder.md.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from bot.nlu.encoder import SentenceEncoder

FOLDER = "risk-encoder"
MODEL, LAYERS, EMBEDDINGS, TOKENIZER = "model.onnx", "layers.bin", "embeddings.bin", "tokenizer.json"
SUMS = "SHA256SUMS"
DIMENSIONS = 768
CURE = "put the file back from version control"


def digest_of_encoder(data: Path) -> str:
    """A hash of the checksums that the encoder's files must have. Raises OSError when the list of them is missing."""
    return hashlib.sha256((data / "safety" / FOLDER / SUMS).read_bytes()).hexdigest()


@functools.cache
def risk_encoder(data: Path) -> SentenceEncoder:
    """The one risk encoder of this process. Raises OSError, RuntimeError or ValueError when a file of it is missing or damaged."""
    folder = data / "safety" / FOLDER
    sums = {}
    for line in (folder / SUMS).read_text(encoding="ascii").splitlines():
        digest, _, name = line.partition("  ")
        sums[folder / name] = digest
    missing = {MODEL, LAYERS, EMBEDDINGS, TOKENIZER} - {file.name for file in sums}
    if missing:
        raise RuntimeError(f"{folder / SUMS} names no {' and no '.join(sorted(missing))}. To mend it: {CURE}")
    return SentenceEncoder(folder / MODEL, folder / TOKENIZER, sums, CURE, DIMENSIONS)
