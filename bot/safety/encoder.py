"""The encoder that reads text for risk: the sentence encoder, tuned on the risk examples (training/tune_risk_encoder.py).

Why it is another than the one for intents: docs/decisions/0006-tuned-risk-encoder.md.
"""

from __future__ import annotations

import functools
from pathlib import Path

from bot.nlu.encoder import SentenceEncoder

FILE = "risk-encoder.onnx"


def digest_of_encoder(data: Path) -> str:
    """The SHA-256 that the encoder's file must have, from the file beside it. Raises OSError or IndexError when that is damaged."""
    return (data / "safety" / FILE).with_suffix(".sha256").read_text(encoding="ascii").split()[0]


@functools.cache
def risk_encoder(data: Path) -> SentenceEncoder:
    """The one risk encoder of this process. Raises OSError or RuntimeError when its file is missing or damaged."""
    return SentenceEncoder(data / "safety" / FILE, digest_of_encoder(data))
