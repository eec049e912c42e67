"""Writes a tuned encoder as small files that onnxruntime reads: weights of 8 bits, in blocks or rows that each have a scale of their own.

One scale for a whole matrix, as onnxruntime's dynamic quantisation has it, loses too much of this encoder (docs/decisions/0013).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx.external_data_helper import set_external_data
from onnx.numpy_helper import to_array
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer
from torch import Tensor, nn
from transformers import MPNetModel

from bot.safety.encoder import EMBEDDINGS, LAYERS, MODEL, SUMS, TOKENIZER

BLOCK = 128
ACTIVATIONS_OF_8_BITS = 4
OPSET = 17
ZERO = 128


class RowsOf8Bits(nn.Module):
    """An embedding whose rows are kept as 8-bit numbers and one scale each."""

    def __init__(self, embedding: nn.Embedding) -> None:
        super().__init__()
        weights = embedding.weight.data
        scale = weights.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("rows", (weights / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        rows, scale = self.get_buffer("rows"), self.get_buffer("scale")
        return rows[ids].float() * scale[ids]


class Vectors(nn.Module):
    """The encoder without heads, with the inputs and output that `SentenceEncoder` expects."""

    def __init__(self, encoder: MPNetModel) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        states: Tensor = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return states


def write(encoder: MPNetModel, tokenizer: Path, folder: Path) -> None:
    """`encoder` into `folder`: the graph, the layers and the embeddings apart (so that no file is over 100 MB), and their SHA-256.

    Changes `encoder`: its embedding is replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    encoder.embeddings.word_embeddings = RowsOf8Bits(encoder.embeddings.word_embeddings)
    whole = folder / "whole.onnx"
    example = torch.full((2, 8), 5, dtype=torch.long)
    names = ("input_ids", "attention_mask", "last_hidden_state")
    torch.onnx.export(
        Vectors(encoder).eval(), (example, torch.ones_like(example)), str(whole), dynamo=False, opset_version=OPSET,
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
        input_names=list(names[:2]), output_names=[names[2]],
    )  # fmt: skip
    settings = DefaultWeightOnlyQuantConfig(
        block_size=BLOCK, is_symmetric=True, accuracy_level=ACTIVATIONS_OF_8_BITS, bits=8
    )
    quantizer = MatMulNBitsQuantizer(onnx.load(str(whole)), algo_config=settings)
    quantizer.process()
    graph = quantizer.model.model
    for tensor in graph.graph.initializer:
        if len(tensor.raw_data) > 1024:
            set_external_data(tensor, location=EMBEDDINGS if tensor.data_type == onnx.TensorProto.INT8 else LAYERS)
    onnx.save(graph, str(folder / MODEL))
    whole.unlink()
    (folder / TOKENIZER).write_bytes(tokenizer.read_bytes())
    _write_sums(folder)


def read(folder: Path, encoder: MPNetModel) -> None:
    """The weights of the layers that `write` wrote into `folder`, into `encoder`, whose embeddings stay as they are."""
    graph = onnx.load(str(folder / MODEL)).graph
    kept = {tensor.name: tensor for tensor in graph.initializer}
    weights = {}
    for name, tensor in kept.items():
        if name.startswith("encoder.encoder."):
            weights[name.removeprefix("encoder.")] = torch.tensor(to_array(tensor))
    for node in graph.node:
        if node.op_type != "MatMulNBits":
            continue
        _, numbers, scales = (to_array(kept[name]) if name in kept else None for name in node.input)
        matrix = (numbers.astype(np.float32) - ZERO) * scales[:, :, None]
        place = node.name.removeprefix("/encoder/").rpartition("/")[0].replace("/", ".")
        weights[f"{place}.weight"] = torch.from_numpy(matrix.reshape(len(matrix), -1))
    missing = encoder.load_state_dict(weights, strict=False)
    if missing.unexpected_keys or any(name.startswith("encoder.") for name in missing.missing_keys):
        raise RuntimeError(f"{folder / MODEL} holds other layers than the published encoder.")


def _write_sums(folder: Path) -> None:
    lines = []
    for file in (MODEL, LAYERS, EMBEDDINGS, TOKENIZER):
        (folder / file).chmod(0o644)
        content = (folder / file).read_bytes()
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {file}\n")
        print(f"{folder / file}: {len(content) / 1e6:.1f} MB")
    (folder / SUMS).write_text("".join(lines), encoding="ascii")
