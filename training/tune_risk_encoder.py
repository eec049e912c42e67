"""Tunes the layers of a sentence encoder on the risk examples, and writes data/safety/risk-encoder.

For developers, rarely: `handrail train` learns the classifier over these vectors again in minutes; a round of this over all examples takes two hours on 2 processors.

    uv run --group tuning --with torch --with transformers --with onnx --with onnx-ir python -m training.tune_risk_encoder
    uv run --group tuning --with torch --with transformers python -m training.tune_risk_encoder --folds 3     # cross-validation only

The embeddings stay as published (so that words that no example holds keep their place); the twelve layers learn three things at once, the
lower ones less: at risk or not, the kind of danger, and who is in danger.
Why: docs/decisions/0006-tuned-risk-encoder.md and 0013-larger-risk-encoder.md.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from bot.nlu.encoder import MAX_TOKENS
from bot.safety import Kind, Subject, load_assessor
from bot.safety.encoder import DIMENSIONS, FOLDER, TOKENIZER
from bot.safety.examples import ADDED, EXAMPLES, Example, read_example_file, read_examples
from bot.safety.text import LONGEST_UNIT
from cli.service import everyday_phrases
from training import small_encoder
from training.published_encoder import published_folder, published_model

EPOCHS = 3
BATCH = 64
AVERAGED = 0.02
MISTYPED = 0.1
HEAD_BATCHES = 120
RATE, HEAD_RATE = 4e-5, 1e-3
LOWER_LEARN_LESS = 0.9
SMOOTHING = 0.02
DOUBT = 0.7
KINDS, SUBJECTS = list(Kind), list(Subject)
NO_LABEL = -100
DATA = Path("data")


@dataclass(frozen=True)
class Row:
    """A piece of text: how much it is at risk (0 to 1), the number of its kind and subject or NO_LABEL, and its weight."""

    text: str
    risk: float
    kind: int = NO_LABEL
    subject: int = NO_LABEL
    weight: float = 1.0


class RiskModel(nn.Module):
    """The encoder with three heads over its mean vector."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.bert = published_model(folder)
        self.bert.embeddings.requires_grad_(False)
        self.drop = nn.Dropout(0.1)
        self.risk, self.kind, self.subject = (nn.Linear(DIMENSIONS, width) for width in (1, len(KINDS), len(SUBJECTS)))

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of risk (batch,), kind (batch, 8) and subject (batch, 6)."""
        states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weights = mask.unsqueeze(-1).float()
        mean = self.drop((states * weights).sum(1) / weights.sum(1))
        return self.risk(mean)[:, 0], self.kind(mean), self.subject(mean)

    def train(self, mode: bool = True) -> RiskModel:
        super().train(mode)
        self.bert.embeddings.eval()
        return self


def rows_of(examples: list[Example], everyday: list[str]) -> list[Row]:
    """Of a text at risk only the whole is known to say so; of any other, the whole and all that the classifier reads of it are known not to."""
    reader = load_assessor(DATA).reader
    rows: dict[str, Row] = {}
    for example in examples:
        plain = reader.read(example.text)
        whole, group = " ".join(plain.words), example.group
        if example.at_risk:
            risk = DOUBT if group.tier == "doubt" else 1.0
            rows[whole] = Row(whole, risk, KINDS.index(group.kind), SUBJECTS.index(group.subject))  # type: ignore[arg-type]
            continue
        pieces = list(dict.fromkeys([*plain.units(), *([whole] if len(plain.words) <= 2 * LONGEST_UNIT else [])]))
        for piece in pieces:
            rows.setdefault(piece, Row(piece, 0.0, weight=max(0.3, len(pieces) ** -0.5)))
    for phrase in everyday:
        piece = " ".join(reader.read(phrase).words)
        rows.setdefault(piece, Row(piece, 0.0, weight=0.6))
    return list(rows.values())


class Tuner:
    """Tunes one model. Numbers of 16 bits where they suffice, and at the end the mean of the latest weights, which misses less than the last."""

    def __init__(self, folder: Path, seed: int = 0, rate: float = RATE) -> None:
        torch.manual_seed(seed)
        self._rate = rate
        self._random = random.Random(seed)
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self.model = RiskModel(folder)

    def tune(self, rounds: list[list[Row]]) -> RiskModel:
        """Reads the rows of each round."""
        layers = list(self.model.bert.encoder.layer)
        groups = [
            {"params": list(layer.parameters()), "lr": self._rate * LOWER_LEARN_LESS ** (len(layers) - 1 - height)}
            for height, layer in enumerate(layers)
        ]
        places = self.model.bert.encoder.relative_attention_bias
        groups.append({"params": list(places.parameters()), "lr": 0.3 * self._rate})
        heads = [value for name, value in self.model.named_parameters() if not name.startswith("bert")]
        optimiser = torch.optim.AdamW([*groups, {"params": heads, "lr": HEAD_RATE}], weight_decay=0.01, fused=True)
        steps = sum(-(-len(rows) // BATCH) for rows in rounds)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: min(1.0, (step + 1) / (0.06 * steps)) * max(0.02, (steps - step) / steps)
        )
        latest = torch.optim.swa_utils.AveragedModel(
            self.model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(1 - AVERAGED)
        )
        for number, rows in enumerate(rounds, 1):
            self.model.train()
            total = 0.0
            for step, batch in enumerate(self._shuffled(rows)):
                loss = self._loss(batch)
                optimiser.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                optimiser.step()
                schedule.step()
                total += loss.item() * len(batch)
                if number >= min(2, len(rounds)) and step % 5 == 0:
                    latest.update_parameters(self.model)
                if step % 100 == 99:
                    print(f"  {step + 1} batches: loss {total / (step + 1) / BATCH:.4f}", flush=True)
            print(f"round {number} of {len(rounds)}: loss {total / len(rows):.4f}", flush=True)
        self.model.load_state_dict(latest.module.state_dict())
        return self.model.eval()

    def tune_heads(self, rows: list[Row]) -> None:
        """Only the heads learn, as they must before layers that were tuned earlier go on."""
        heads = [value for name, value in self.model.named_parameters() if not name.startswith("bert")]
        optimiser = torch.optim.AdamW(heads, lr=HEAD_RATE)
        self.model.bert.requires_grad_(False)
        for batch in self._shuffled(rows):
            loss = self._loss(batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        self.model.bert.encoder.requires_grad_(True)
        print(f"heads: loss {loss.item():.4f}", flush=True)

    @torch.no_grad()
    def chances(self, texts: list[str]) -> dict[str, float]:
        """The chance of risk in each text."""
        found: dict[str, float] = {}
        for batch in _batches(sorted(set(texts), key=len)):
            found |= dict(zip(batch, torch.sigmoid(self._scores(batch)[0]).tolist(), strict=True))
        return found

    def _loss(self, rows: list[Row]) -> Tensor:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = self._scores([mistyped(row.text, self._random) for row in rows])
        risk, kind, subject = (one.float() for one in scores)
        target = torch.tensor([row.risk for row in rows]).clamp(SMOOTHING, 1 - SMOOTHING)
        weight = torch.tensor([row.weight for row in rows])
        loss = (functional.binary_cross_entropy_with_logits(risk, target, reduction="none") * weight).mean()
        for found, labels in ((kind, [row.kind for row in rows]), (subject, [row.subject for row in rows])):
            if any(label != NO_LABEL for label in labels):
                loss = loss + 0.3 * functional.cross_entropy(found, torch.tensor(labels), ignore_index=NO_LABEL)
        return loss

    def _scores(self, texts: list[str]) -> tuple[Tensor, Tensor, Tensor]:
        found = [torch.tensor(self._tokenizer.encode(text).ids) for text in texts]
        padding = self.model.bert.config.pad_token_id
        ids = nn.utils.rnn.pad_sequence(found, batch_first=True, padding_value=padding)
        mask = nn.utils.rnn.pad_sequence([torch.ones_like(one) for one in found], batch_first=True)
        scores: tuple[Tensor, Tensor, Tensor] = self.model(ids, mask)
        return scores

    def _shuffled(self, rows: list[Row]) -> list[list[Row]]:
        """Batches of rows of like length, in random order."""
        mixed, wide = self._random.sample(rows, len(rows)), 20 * BATCH
        parts = [
            sorted(mixed[start : start + wide], key=lambda row: len(row.text)) for start in range(0, len(mixed), wide)
        ]
        batches = [part[start : start + BATCH] for part in parts for start in range(0, len(part), BATCH)]
        self._random.shuffle(batches)
        return batches


def mistyped(text: str, chance: random.Random) -> str:
    """`text`, one time in ten with a letter of a longer word missing, twice there, or changed places with the next."""
    words = text.split()
    places = [place for place, word in enumerate(words) if len(word) > 3]
    if not places or chance.random() > MISTYPED:
        return text
    place = chance.choice(places)
    word = words[place]
    at = chance.randrange(1, len(word) - 1)
    before, after = word[:at], word[at + 1 :]
    ways = (before + after, before + word[at] + word[at:], before + word[at + 1] + word[at] + word[at + 2 :])
    words[place] = chance.choice(ways)
    return " ".join(words)


def _batches(texts: list[str]) -> list[list[str]]:
    return [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]


def cross_validate(folder: Path, examples: list[Example], everyday: list[str], folds: int, epochs: int) -> None:
    """Prints what share of each tier and look-alike is over 50% in models that had not seen it."""
    reader = load_assessor(DATA).reader
    order = random.Random(0).sample(examples, len(examples))
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for fold in range(folds):
        held = order[fold::folds]
        seen = [example for index, example in enumerate(order) if index % folds != fold]
        rows = rows_of(seen, everyday)
        wholes = [" ".join(reader.read(example.text).words) for example in held]
        tuner = Tuner(folder, seed=fold)
        tuner.tune([rows] * epochs)
        chances = tuner.chances(wholes)
        for example, whole in zip(held, wholes, strict=True):
            name = f"seen, {example.group.tier}" if example.at_risk else f"false alarms, {example.group.look_alike}"
            counted[name][0] += chances[whole] > 0.5
            counted[name][1] += 1
    for name, (over, total) in sorted(counted.items()):
        print(f"{name:32} {over:5} of {total:5}  {over / total:6.1%}")


def rounds_of(
    examples: list[Example], everyday: list[str], epochs: int, share: float, new: set[str]
) -> list[list[Row]]:
    """The rows of each round, in random order: all of the files `new`, and `share` of the others, others each time."""
    chance = random.Random(0)
    latest = [example for name in sorted(new) for example in read_example_file(DATA / "safety" / EXAMPLES / name)]
    texts = {example.text for example in latest}
    older = [example for example in examples if example.text not in texts]
    chance.shuffle(older)
    everyday = chance.sample(everyday, len(everyday))
    rounds = []
    for number in range(epochs):
        parts = [_part(listed, number * share, share) for listed in (older, everyday)]
        rows = rows_of([*latest, *parts[0]], parts[1])
        print(f"round {number + 1}: {len(latest) + len(parts[0])} examples, {len(rows)} rows", flush=True)
        rounds.append(chance.sample(rows, len(rows)))
    return rounds


def _part(listed: list[Any], start: float, share: float) -> list[Any]:
    """`share` of the list from the share `start` on, and round again at the end."""
    first = round(start * len(listed)) % max(1, len(listed))
    return (listed[first:] + listed[:first])[: round(share * len(listed))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folds", type=int, default=0, help="cross-validate with so many folds, and write nothing")
    parser.add_argument(
        "--epochs", type=int, default=EPOCHS, help="rounds; 0 only writes what --start names, in its small form"
    )
    parser.add_argument(
        "--published", type=Path, default=Path("var"), help="where the published weights are unpacked to"
    )
    parser.add_argument(
        "--rate", type=float, default=RATE, help="how fast to learn; less when starting from kept weights"
    )
    parser.add_argument("--start", type=Path, help="weights kept earlier, to go on from")
    parser.add_argument("--go-on", action="store_true", help="go on from data/safety/risk-encoder as it is")
    parser.add_argument("--share", type=float, default=1.0, help="the share of the older examples that a round reads")
    parser.add_argument("--new", nargs="*", default=[], help="files of examples that every round reads wholly")
    parser.add_argument("--keep", type=Path, help="where to keep the weights as they are before they are made small")
    parser.add_argument("--threads", type=int, default=1, help="how many processors to use")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    assessor = load_assessor(DATA)
    folder = published_folder(options.published)
    examples = [example for part in (EXAMPLES, ADDED) for example in read_examples(DATA / "safety" / part)]
    everyday = [phrase for phrase in everyday_phrases(DATA) if not assessor.sign_in_words(phrase)]
    if options.folds:
        cross_validate(folder, examples, everyday, options.folds, options.epochs)
        return
    tuner = Tuner(folder, rate=options.rate)
    rounds = rounds_of(examples, everyday, options.epochs, options.share, set(options.new))
    if options.start:
        tuner.model.load_state_dict(torch.load(options.start, weights_only=True))
    if options.go_on:
        small_encoder.read(DATA / "safety" / FOLDER, tuner.model.bert)
        if rounds:
            tuner.tune_heads(rounds[0][: HEAD_BATCHES * BATCH])
    model = tuner.tune(rounds) if rounds else tuner.model
    if options.keep:
        torch.save(model.state_dict(), options.keep)
    small_encoder.write(model.bert, folder / TOKENIZER, DATA / "safety" / FOLDER)


if __name__ == "__main__":
    main()
